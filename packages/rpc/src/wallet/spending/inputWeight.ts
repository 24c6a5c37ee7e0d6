/** The weight of inputs of others. Core: GetTransactionInputWeight, SignatureWeightChecker (wallet/feebumper.h). */
import { compactSizeLength, ScriptReader, type TxInput } from "@chain/core";

/** A DER signature with its hash type is no longer: both halves of 33 bytes. */
const MAX_SIGNATURE = 72;
const MIN_SIGNATURE = 9;

/** Weight units of an input as it is signed, if its ECDSA signatures were as long as can be. */
export function signedInputWeight({ scriptSig, witness }: TxInput): number {
  const base = 40 + compactSizeLength(scriptSig.length) + scriptSig.length;
  const items = witness.reduce(
    (sum, { length }) => sum + compactSizeLength(length) + length,
    compactSizeLength(witness.length),
  );
  const spare = (signatures: readonly Uint8Array[]) =>
    signatures.filter(isSignature).reduce((sum, { length }) => sum + MAX_SIGNATURE - length, 0);
  return (base + spare(pushes(scriptSig))) * 4 + items + spare(witness);
}

function isSignature(item: Uint8Array): boolean {
  const { length } = item;
  return (
    length >= MIN_SIGNATURE && length <= MAX_SIGNATURE && item[0] === 0x30 && item[1] === length - 3
  );
}

function pushes(script: Uint8Array): readonly Uint8Array[] {
  const reader = new ScriptReader(script);
  const found: Uint8Array[] = [];
  for (let each = reader.next(); each !== undefined; each = reader.next()) {
    if (each.data !== undefined) found.push(each.data);
  }
  return found;
}
