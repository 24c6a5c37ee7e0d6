#!/usr/bin/env node
import { processIo } from "@chain/terminal";
import { run } from "./cli.ts";

const code = await run(process.argv.slice(2), process.env, processIo());
// Unless something went wrong that nobody was there to catch.
process.exitCode ??= code;
