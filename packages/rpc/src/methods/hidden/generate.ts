import { defineMethod, type Method } from "../../define/method.ts";
import { RPC_METHOD_NOT_FOUND, RpcError } from "../../errors.ts";

const DESCRIPTION =
  "has been replaced by the -generate cli option. Refer to -help for more information.";

/** It says where it has gone to, because old programs and people still call it. */
export const generate: Method = defineMethod({
  name: "generate",
  category: "hidden",
  description: DESCRIPTION,
  arguments: [],
  results: [],
  errors: [{ code: RPC_METHOD_NOT_FOUND, when: "it is called" }],
  examples: [],
  run: () => {
    throw new RpcError(RPC_METHOD_NOT_FOUND, `generate\n\n${DESCRIPTION}\n`);
  },
});
