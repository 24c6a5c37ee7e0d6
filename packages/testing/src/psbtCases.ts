/** PSBTs that spend the outputs of descriptors and pay to them again. */
import { regtest, SEQUENCE_FINAL, Transaction, type Txid } from "@chain/core";
import { type Descriptor, parseDescriptor, type SigningProvider } from "@chain/wallet/descriptors";
import { createPsbt, type Psbt, updatePsbt } from "@chain/wallet/psbt";

const NOTHING = new Uint8Array(0);
/** Base units. */
const COIN_VALUE = 100_000n;
const PAID = 60_000n;

/** A transaction that spends outputs of a descriptor, and all that is known of it. */
export interface PsbtCase {
  readonly descriptor: Descriptor;
  /** With the previous transactions, and nothing else. */
  readonly funded: Psbt;
  /** Scripts and keys without private ones, and with them. */
  readonly watching: SigningProvider;
  readonly signing: SigningProvider;
}

/**
 * @param count coins of each of the descriptor's scripts
 * @param locks of the transaction that spends them; none by default
 */
export function psbtCase(
  text: string,
  index: number,
  count = 1,
  { sequence = SEQUENCE_FINAL, lockTime = 0 }: { sequence?: number; lockTime?: number } = {},
): PsbtCase {
  const parsed = parseDescriptor(text, regtest);
  if (!parsed.ok) throw new TypeError(`${text}: ${parsed.reason}`);
  const { descriptor } = parsed;
  const watching = descriptor.expand(index);
  const signing = descriptor.expand(index, { withPrivateKeys: true });
  if (watching === undefined || signing === undefined) throw new TypeError(`${text}: no keys`);
  const { scripts } = watching;
  const previous = Array.from(
    { length: count },
    (_, vout) =>
      new Transaction({
        version: 2,
        lockTime: 0,
        inputs: [input("11".repeat(32) as Txid, vout)],
        outputs: scripts.map((scriptPubKey) => ({ value: COIN_VALUE, scriptPubKey })),
      }),
  );
  const transaction = new Transaction({
    version: 2,
    lockTime,
    inputs: previous.flatMap(({ txid, outputs }) =>
      outputs.map((_, vout) => ({ ...input(txid, vout), sequence })),
    ),
    outputs: previous.flatMap(() => scripts.map((scriptPubKey) => ({ value: PAID, scriptPubKey }))),
  });
  const created = createPsbt(transaction);
  if (!created.ok) throw new TypeError(created.reason);
  const byId = new Map(previous.map((each) => [each.txid, each]));
  const funded = updatePsbt(created.psbt, { transactions: (txid) => byId.get(txid) });
  return { descriptor, funded, watching: watching.provider, signing: signing.provider };
}

function input(txid: Txid, vout: number) {
  return { prevout: { txid, vout }, scriptSig: NOTHING, sequence: SEQUENCE_FINAL, witness: [] };
}
