/** Every kind of output, how it is spent, and ways to spend it wrongly. */
import {
  concatBytes,
  encodeDerSignature,
  hash160,
  legacySighash,
  multisigScript,
  p2pkhScript,
  p2pkScript,
  p2shScript,
  p2trScript,
  p2wpkhScript,
  p2wshScript,
  pushData,
  SIGHASH_ALL,
  scriptFromAsm,
  sha256,
  Transaction,
  TransactionSpend,
  type TxInput,
  type TxOutput,
  tapleafHash,
  taprootSighash,
  taptweakHash,
  witnessSighash,
} from "@chain/core";
import * as secp256k1 from "@noble/secp256k1";
import { type TestKey, testKey } from "./blockFactory.ts";

/** The part of an input that unlocks it. */
export type Unlocking = Pick<TxInput, "scriptSig" | "witness">;

/** A fault in a spend. */
export type Defect =
  | "wrong key"
  | "wrong amount"
  | "flipped bit"
  | "other outputs"
  | "nothing"
  | "one item more"
  | "unknown hash type"
  | "high S";

export interface OutputKind {
  readonly name: string;
  readonly script: Uint8Array;
  /** Which signatures are made how. */
  readonly signing: "legacy" | "witness" | "taproot";
  unlock(
    transaction: Transaction,
    inputIndex: number,
    spent: readonly TxOutput[],
    defect?: Defect,
  ): Unlocking;
}

const { Point } = secp256k1;
const N = Point.CURVE().n;
const NONE = new Uint8Array(0);
const [alice, bob, carol] = [testKey(71), testKey(72), testKey(73)] as const;
const mallory = testKey(79);
const multisig = multisigScript(
  2,
  [alice, bob, carol].map(({ publicKey }) => publicKey),
);
const toNumber = (bytes: Uint8Array): bigint => secp256k1.etc.bytesToNumberBE(bytes);
const toBytes = (number: bigint): Uint8Array => secp256k1.etc.numberToBytesBE(number);

/** The signature as scripts hold it; the hash is what the defect makes of it. */
type Sign = (key: TestKey) => Uint8Array;
type Hash = (transaction: Transaction, spent: readonly TxOutput[], hashType: number) => Uint8Array;

function signer(
  transaction: Transaction,
  spent: readonly TxOutput[],
  defect: Defect | undefined,
  hash: Hash,
): Sign {
  const hashType = defect === "unknown hash type" ? 0x50 : SIGHASH_ALL;
  const amounts =
    defect === "wrong amount"
      ? spent.map((output) => ({ ...output, value: output.value + 1n }))
      : spent;
  const { inputs, outputs } = transaction;
  const signed =
    defect === "other outputs"
      ? new Transaction({ ...transaction, inputs, outputs: [...outputs].reverse() })
      : transaction;
  return (key) => {
    const { secretKey } = defect === "wrong key" ? mallory : key;
    const compact = secp256k1.sign(hash(signed, amounts, hashType), secretKey, { prehash: false });
    if (defect === "flipped bit") compact[40] = (compact[40] as number) ^ 4;
    if (defect === "high S") compact.set(toBytes(N - toNumber(compact.subarray(32))), 32);
    return concatBytes(encodeDerSignature(compact), Uint8Array.of(hashType));
  };
}

function legacy(
  name: string,
  script: Uint8Array,
  scriptCode: Uint8Array,
  scriptSig: (sign: Sign) => readonly Uint8Array[],
): OutputKind {
  return {
    name,
    script,
    signing: "legacy",
    unlock(transaction, inputIndex, spent, defect) {
      if (defect === "nothing") return { scriptSig: NONE, witness: [] };
      const sign = signer(transaction, spent, defect, (signed, _, hashType) =>
        legacySighash(signed, inputIndex, scriptCode, hashType),
      );
      const items = scriptSig(sign);
      const more = defect === "one item more" ? [Uint8Array.of(1), ...items] : items;
      return { scriptSig: concatBytes(...more.map(pushData)), witness: [] };
    },
  };
}

function segwit(
  name: string,
  script: Uint8Array,
  scriptCode: Uint8Array,
  witness: (sign: Sign) => readonly Uint8Array[],
  scriptSig: Uint8Array = NONE,
): OutputKind {
  return {
    name,
    script,
    signing: "witness",
    unlock(transaction, inputIndex, spent, defect) {
      if (defect === "nothing") return { scriptSig, witness: [] };
      const sign = signer(transaction, spent, defect, (signed, amounts, hashType) =>
        witnessSighash(new TransactionSpend(signed, amounts), inputIndex, scriptCode, hashType),
      );
      const items = witness(sign);
      return { scriptSig, witness: defect === "one item more" ? [NONE, ...items] : items };
    },
  };
}

/** Of the key that its tweak makes (BIP-0341). */
function tweaked(
  key: TestKey,
  root: Uint8Array,
): { readonly secret: bigint; readonly x: Uint8Array } {
  const isOdd = key.publicKey[0] === 3;
  const even = isOdd ? N - toNumber(key.secretKey) : toNumber(key.secretKey);
  const secret = (even + toNumber(taptweakHash(key.publicKey.subarray(1), root))) % N;
  return { secret, x: Point.BASE.multiply(secret).toBytes().subarray(1) };
}

const leafScript = concatBytes(pushData(alice.publicKey.subarray(1)), Uint8Array.of(0xac));
const LEAF_VERSION = 0xc0;
const leafHash = tapleafHash(leafScript, LEAF_VERSION);

function taproot(name: string, byScript: boolean): OutputKind {
  const root = byScript ? leafHash : NONE;
  const internal = byScript ? bob : alice;
  const { secret, x } = tweaked(internal, root);
  const parity = Point.BASE.multiply(secret).toBytes()[0] === 3 ? 1 : 0;
  const control = concatBytes(Uint8Array.of(LEAF_VERSION | parity), internal.publicKey.subarray(1));
  return {
    name,
    script: p2trScript(x),
    signing: "taproot",
    unlock(transaction, inputIndex, spent, defect) {
      const path = byScript ? [leafScript, control] : [];
      if (defect === "nothing") return { scriptSig: NONE, witness: path };
      const key =
        defect === "wrong key" ? mallory.secretKey : byScript ? alice.secretKey : toBytes(secret);
      const { inputs, outputs } = transaction;
      const signed =
        defect === "other outputs"
          ? new Transaction({ ...transaction, inputs, outputs: [...outputs].reverse() })
          : transaction;
      const amounts =
        defect === "wrong amount"
          ? spent.map((output) => ({ ...output, value: output.value + 1n }))
          : spent;
      const options = byScript ? { leafHash } : {};
      const spend = new TransactionSpend(signed, amounts);
      const hash = taprootSighash(spend, inputIndex, 0, options) as Uint8Array;
      const signature = secp256k1.schnorr.sign(hash, key, new Uint8Array(32));
      if (defect === "flipped bit") signature[40] = (signature[40] as number) ^ 4;
      const item =
        defect === "unknown hash type" ? concatBytes(signature, Uint8Array.of(0x50)) : signature;
      const items = [item, ...path];
      return { scriptSig: NONE, witness: defect === "one item more" ? [NONE, ...items] : items };
    },
  };
}

const pubkeyHash = hash160(alice.publicKey);
const wpkh = p2wpkhScript(pubkeyHash);
const wsh = p2wshScript(sha256(multisig));
const both = (sign: Sign): readonly Uint8Array[] => [NONE, sign(alice), sign(carol)];

/** All that are standard. */
export const OUTPUT_KINDS: readonly OutputKind[] = [
  legacy("P2PK", p2pkScript(alice.publicKey), p2pkScript(alice.publicKey), (sign) => [sign(alice)]),
  legacy("P2PKH", p2pkhScript(pubkeyHash), p2pkhScript(pubkeyHash), (sign) => [
    sign(alice),
    alice.publicKey,
  ]),
  legacy("bare multisig", multisig, multisig, both),
  legacy("P2SH multisig", p2shScript(hash160(multisig)), multisig, (sign) => [
    ...both(sign),
    multisig,
  ]),
  segwit(
    "P2SH-P2WPKH",
    p2shScript(hash160(wpkh)),
    p2pkhScript(pubkeyHash),
    (sign) => [sign(alice), alice.publicKey],
    pushData(wpkh),
  ),
  segwit(
    "P2SH-P2WSH",
    p2shScript(hash160(wsh)),
    multisig,
    (sign) => [...both(sign), multisig],
    pushData(wsh),
  ),
  segwit("P2WPKH", wpkh, p2pkhScript(pubkeyHash), (sign) => [sign(alice), alice.publicKey]),
  segwit("P2WSH", wsh, multisig, (sign) => [...both(sign), multisig]),
  taproot("P2TR by its key", false),
  taproot("P2TR by a script", true),
];

/** Outputs that are spent by satisfying a script, with no signature of the transaction. */
export interface Puzzle {
  readonly code: Uint8Array;
  readonly p2sh: Uint8Array;
  readonly p2wsh: Uint8Array;
  readonly p2tr: Uint8Array;
  /** The control block, which shows that the script is in the Taproot output. */
  readonly control: Uint8Array;
}

export function puzzle(asm: string): Puzzle {
  const code = scriptFromAsm(asm);
  const { secret, x } = tweaked(bob, tapleafHash(code, LEAF_VERSION));
  const parity = Point.BASE.multiply(secret).toBytes()[0] === 3 ? 1 : 0;
  return {
    code,
    p2sh: p2shScript(hash160(code)),
    p2wsh: p2wshScript(sha256(code)),
    p2tr: p2trScript(x),
    control: concatBytes(Uint8Array.of(LEAF_VERSION | parity), bob.publicKey.subarray(1)),
  };
}
