#!/usr/bin/env node
import { processIo } from "@chain/terminal";
import { processInput } from "./input.ts";
import { run } from "./run.ts";

const code = await run(process.argv.slice(2), processIo(), processInput());
// An error that was not caught has set another code already.
process.exitCode ??= code;
