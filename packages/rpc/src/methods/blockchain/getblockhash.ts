import { defineMethod, type Method } from "../../define/method.ts";
import { hex } from "../../define/result.ts";
import { integer } from "../../define/types.ts";
import { RPC_INVALID_PARAMETER, RpcError } from "../../errors.ts";
import type { HeaderHost } from "../../host.ts";

export const getblockhash: Method<HeaderHost> = defineMethod({
  name: "getblockhash",
  category: "blockchain",
  description: "Returns the hash of the block of the best chain at the height given.",
  arguments: [integer("height", { text: "The height index" })],
  results: [{ schema: hex("The block hash") }],
  errors: [{ code: RPC_INVALID_PARAMETER, when: "the best chain has no such height" }],
  examples: [[1000]],
  run: ({ height }, { chain }) => {
    const node = chain.headers.activeAt(height);
    if (node !== undefined) return node.hash;
    throw new RpcError(RPC_INVALID_PARAMETER, "Block height out of range");
  },
});
