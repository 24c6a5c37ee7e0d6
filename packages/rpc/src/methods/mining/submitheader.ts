import { defineMethod, type Method } from "../../define/method.ts";
import { none } from "../../define/result.ts";
import { hexText } from "../../define/types.ts";
import { RPC_DESERIALIZATION_ERROR, RPC_VERIFY_ERROR, RpcError } from "../../errors.ts";
import { decodeHeader } from "../decode.ts";

export const submitheader: Method = defineMethod({
  name: "submitheader",
  category: "mining",
  description:
    "Decode the given hexdata as a header and submit it as a candidate chain tip if valid.\nThrows when the header is invalid.",
  arguments: [hexText("hexdata", { text: "the hex-encoded block header data" })],
  results: [{ schema: none() }],
  errors: [
    { code: RPC_DESERIALIZATION_ERROR, when: "the text is no header" },
    { code: RPC_VERIFY_ERROR, when: "its parent is not known, or it breaks a rule" },
  ],
  examples: [["aabbcc"]],
  run: async ({ hexdata }, { chain }) => {
    const header = decodeHeader(hexdata);
    if (chain.headers.get(header.previousHash) === undefined) {
      const message = `Must submit previous header (${header.previousHash}) first`;
      throw new RpcError(RPC_VERIFY_ERROR, message);
    }
    const verdict = await chain.acceptHeaders([header]);
    if (!verdict.ok) throw new RpcError(RPC_VERIFY_ERROR, verdict.reason);
    return null;
  },
});
