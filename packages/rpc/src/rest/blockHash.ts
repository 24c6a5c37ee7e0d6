import { idToBytes } from "@chain/core";
import { badRequest, inFormat, notFound, type Resource } from "./answer.ts";
import { readUnsigned } from "./read.ts";

const MAX_INT32 = 0x7fff_ffff;
/** Core: SanitizeString with SAFE_CHARS_URI. */
const UNSAFE = /[^A-Za-z0-9!*'();:@&=+$,/?#[\]\-_.~%]/g;

/** `/rest/blockhashbyheight/HEIGHT.EXT`: the hash of a block of the best chain. Core: rest_blockhash_by_height. */
export const blockHash: Resource = async ({ host, rest, format }) => {
  const height = readUnsigned(rest.replace(/^-(?=0+$)/, ""), MAX_INT32);
  if (height === undefined) throw badRequest(`Invalid height: ${rest.replace(UNSAFE, "")}`);
  const node = host.chain.headers.activeAt(height);
  if (node === undefined) throw notFound("Block height out of range");
  const { hash } = node;
  // In hex it is the text that people know a block by, not its bytes.
  if (format === "hex") return { status: 200, contentType: "text/plain", body: `${hash}\n` };
  return inFormat(format, { bytes: () => idToBytes(hash), json: () => ({ blockhash: hash }) });
};
