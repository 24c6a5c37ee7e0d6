#!/usr/bin/env node
import { processIo } from "@chain/terminal";
import { run } from "./cli.ts";

const code = await run(process.argv.slice(2), process.env, processIo());
// An error that was not caught has set another code already.
process.exitCode ??= code;
