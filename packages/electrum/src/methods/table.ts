import type { Method } from "../call.ts";
import { BLOCK_METHODS } from "./blocks.ts";
import { SCRIPT_METHODS } from "./scripts.ts";
import { SERVER_METHODS } from "./server.ts";
import { TRANSACTION_METHODS } from "./transactions.ts";

/** All that can be called. */
export const METHODS: ReadonlyMap<string, Method> = /* @__PURE__ */ (() =>
  new Map(
    Object.entries({
      ...SERVER_METHODS,
      ...BLOCK_METHODS,
      ...SCRIPT_METHODS,
      ...TRANSACTION_METHODS,
    }),
  ))();
