#!/usr/bin/env node
import { processIo } from "@chain/terminal";
import { tellParent } from "./daemon.ts";
import { run } from "./run.ts";

const code = await run(process.argv.slice(2), processIo(), tellParent);
// An error that was not caught has set another code already.
process.exitCode ??= code;
