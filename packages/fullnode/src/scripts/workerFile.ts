import { existsSync } from "node:fs";

/** Where a built package or program has the program of its worker threads; `undefined` where it runs from its sources. */
export function workerFile(): URL | undefined {
  const files = ["./scripts/worker.js", "./scripts/worker.mjs"];
  return files.map((file) => new URL(file, import.meta.url)).find((file) => existsSync(file));
}
