import { type BlockUndo, Writer, writeOutput } from "@chain/core";
import { describeScript } from "../describe/script.ts";
import { coinsNumber } from "../json/number.ts";
import { badRequest, inFormat, notFound, type Resource } from "./answer.ts";
import { knownHeader, readable } from "./block.ts";

/** `/rest/spenttxouts/HASH.EXT`: the outputs that a block spent, by transaction. Core: rest_spent_txouts. */
export const spentOutputs: Resource = async ({ host, rest, format }) => {
  if (rest.includes("/")) {
    throw badRequest("Invalid URI format. Expected /rest/spenttxouts/<hash>.<ext>");
  }
  const { hash, height } = knownHeader(host, rest);
  const stored = await readable(rest, () => host.chain.getUndo(hash));
  if (stored === undefined && height > 0) throw notFound(`${rest} undo not available`);
  // Undo data has no entry for the coinbase.
  const spent: BlockUndo = [[], ...(stored ?? [])];
  return inFormat(format, {
    bytes: () => serialize(spent),
    json: () =>
      spent.map((outputs) =>
        outputs.map(({ value, scriptPubKey }) => ({
          value: coinsNumber(value),
          scriptPubKey: describeScript(scriptPubKey, host.chain.params),
        })),
      ),
  });
};

/** Core: SerializeBlockUndo. */
function serialize(spent: BlockUndo): Uint8Array {
  const writer = new Writer();
  writer.compactSize(spent.length);
  for (const outputs of spent) {
    writer.compactSize(outputs.length);
    for (const output of outputs) writeOutput(writer, output);
  }
  return writer.finish();
}
