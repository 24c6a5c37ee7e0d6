import { defineMethod, type Method } from "../../define/method.ts";
import { obj, text } from "../../define/result.ts";
import { RPC_MISC_ERROR, RpcError } from "../../errors.ts";

export const savemempool: Method = defineMethod({
  name: "savemempool",
  category: "blockchain",
  description: "Dumps the mempool to disk. It will fail until the previous dump is fully loaded.",
  arguments: [],
  results: [
    { schema: obj({ filename: text("the directory and file where the mempool was saved") }) },
  ],
  errors: [
    {
      code: RPC_MISC_ERROR,
      when: "the previous dump is not loaded yet, or the file can't be written",
    },
  ],
  examples: [[]],
  run: async (_, { mempool }) => {
    if (!mempool.isLoaded()) throw new RpcError(RPC_MISC_ERROR, "The mempool was not loaded yet");
    const filename = await mempool.save?.();
    if (filename !== undefined) return { filename };
    throw new RpcError(RPC_MISC_ERROR, "Unable to dump mempool to disk");
  },
});
