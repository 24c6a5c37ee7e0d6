/** The program of a worker thread: runs the scripts that it is sent. See `openScriptWorkers`. */
import { parentPort, workerData } from "node:worker_threads";
import { runScriptJobs } from "@chain/engine";
import { fastestVerifier } from "@chain/signatures";
import { systemSha256 } from "../ports/system.ts";

const verifier = await fastestVerifier();
const claims: Int32Array = workerData;

parentPort?.on("message", ({ id, jobs }: { readonly id: number; readonly jobs: Uint8Array }) => {
  const isOurs = Atomics.compareExchange(claims, id, 0, 1) === 0;
  const passed = isOurs ? runScriptJobs(jobs, verifier, systemSha256) : undefined;
  parentPort?.postMessage({ id, passed });
});
