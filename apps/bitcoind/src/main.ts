#!/usr/bin/env node
import { processIo } from "@chain/terminal";
import { tellParent } from "./daemon.ts";
import { run } from "./run.ts";

// As in Core, a terminal that goes away does not end a node. Core opens its debug.log again; ours is opened for each line.
process.on("SIGHUP", () => {});
// Nor does a second signal keep it from writing everything down. Core: HandleSIGTERM.
const io = processIo(process.argv.slice(2), ["SIGINT", "SIGTERM"], "wait");
const code = await run(process.argv.slice(2), io, tellParent);
// An error that was not caught has set another code already.
process.exitCode ??= code;
