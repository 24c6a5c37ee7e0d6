/** Writes what is made from the methods of `@chain/rpc`: docs/rpc.md, and the types of the client. `npx pnpm@12 rpc` */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { clientTypes, METHODS, rpcPage } from "../packages/rpc/src/index.ts";

const ROOT = new URL("..", import.meta.url);

/** Paths from the root, and what stands there. */
export function rpcDocuments(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/rpc.md", rpcPage(METHODS)],
    ["packages/rpc/src/client/methods.ts", clientTypes(METHODS)],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of rpcDocuments()) writeFileSync(new URL(path, ROOT), text);
}
