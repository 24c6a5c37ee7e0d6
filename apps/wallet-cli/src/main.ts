#!/usr/bin/env node
import { processIo } from "chain-node";
import { run } from "./cli.ts";

process.exitCode = await run(process.argv.slice(2), process.env, processIo());
