/** Two libraries that others wrote, asked for the same: two inputs of a kind, two outputs, signed with a hash type. */
import {
  CoreError,
  type SignatureVerifier,
  sha256,
  Transaction,
  type TxOutput,
  verifyTransaction,
} from "@chain/core";
import * as secp256k1 from "@noble/secp256k1";
import * as scure from "@scure/btc-signer";
import * as bitcoinjs from "bitcoinjs-lib";
import * as ecc from "tiny-secp256k1";

bitcoinjs.initEccLib(ecc);

/** The kinds of outputs that are paid to. */
export const KINDS = [
  "pubkey",
  "pubkeyhash",
  "multisig",
  "scripthash of multisig",
  "scripthash of witness_v0_keyhash",
  "scripthash of witness_v0_scripthash",
  "witness_v0_keyhash",
  "witness_v0_scripthash of multisig",
  "witness_v1_taproot by its key",
  "witness_v1_taproot by a script",
] as const;
export type Kind = (typeof KINDS)[number];

export const isTaproot = (kind: Kind): boolean => kind.startsWith("witness_v1");
export const isLegacy = (kind: Kind): boolean =>
  ["pubkey", "pubkeyhash", "multisig", "scripthash of multisig"].includes(kind);

/** A transaction as its maker sees it. */
export interface Signed {
  readonly raw: Uint8Array;
  readonly id: string;
  readonly weight: number;
  readonly spent: readonly TxOutput[];
}

/** A transaction two of whose outputs are spent, and the place of the first; {@link Signed.spent} says their values. */
export interface Funding {
  readonly raw: Uint8Array;
  readonly first: number;
}

/** A library, and which kinds it builds. */
export interface Signer<K extends Kind = Kind> {
  readonly name: string;
  readonly kinds: readonly K[];
  /** @param funding at most 255; another number, and other coins are spent; or coins that are there */
  build(kind: K, hashType: number, funding?: number | Funding): Signed;
}

const secrets = [1, 2, 3].map((n) => sha256(Uint8Array.of(n, 42)));
const keys = secrets.map((secret) => secp256k1.getPublicKey(secret));
const secret = secrets[0] as Uint8Array;
const key = keys[0] as Uint8Array;
const x = key.subarray(1);
/** Two of three, in the order of their keys. */
const cosigners = [secret, secrets[2] as Uint8Array];
const signing = (kind: Kind): readonly Uint8Array[] =>
  kind.includes("multisig") || kind.endsWith("witness_v0_scripthash") ? cosigners : [secret];

const SPENT = [7000n, 9000n];
const PAID = [5000n, 10_000n];
const spentOutputs = (scriptPubKey: Uint8Array): TxOutput[] =>
  SPENT.map((value) => ({ value, scriptPubKey }));

/** It refuses keys and multisig that nothing wraps. */
type Wrapped = Exclude<Kind, "pubkey" | "multisig">;

function scurePayment(kind: Wrapped) {
  const multisig = scure.p2ms(2, keys);
  const leaf = { script: scure.p2tr_ns(1, [x])[0]?.script as Uint8Array };
  switch (kind) {
    case "pubkeyhash":
      return scure.p2pkh(key);
    case "scripthash of multisig":
      return scure.p2sh(multisig);
    case "scripthash of witness_v0_keyhash":
      return scure.p2sh(scure.p2wpkh(key));
    case "scripthash of witness_v0_scripthash":
      return scure.p2sh(scure.p2wsh(multisig));
    case "witness_v0_keyhash":
      return scure.p2wpkh(key);
    case "witness_v0_scripthash of multisig":
      return scure.p2wsh(multisig);
    case "witness_v1_taproot by its key":
      return scure.p2tr(x);
    case "witness_v1_taproot by a script":
      return scure.p2tr(undefined, leaf, undefined, true);
  }
}

const scureSigner: Signer<Wrapped> = {
  name: "@scure/btc-signer",
  kinds: KINDS.filter((kind): kind is Wrapped => kind !== "pubkey" && kind !== "multisig"),
  build(kind, sighashType, funding = 0xcd) {
    const payment = scurePayment(kind);
    const made = new scure.Transaction({ allowLegacyWitnessUtxo: true });
    const { txid, first } =
      typeof funding === "number"
        ? { txid: funding.toString(16).padStart(2, "0").repeat(32), first: 0 }
        : { txid: Transaction.fromBytes(funding.raw).txid, first: funding.first };
    for (const [at, amount] of SPENT.entries()) {
      const index = first + at;
      const witnessUtxo = { script: payment.script, amount };
      const input = { txid, index, sighashType, witnessUtxo, ...payment };
      made.addInput(input as Parameters<typeof made.addInput>[0]);
    }
    for (const amount of PAID) made.addOutput({ script: scure.p2pkh(key).script, amount });
    for (const secretKey of signing(kind)) made.sign(secretKey, [sighashType]);
    made.finalize();
    const spent = spentOutputs(payment.script);
    return { raw: made.extract(), id: made.id, weight: made.weight, spent };
  },
};

/** As bitcoinjs-lib calls them: how the output looks, and what else a PSBT must know of the input. */
function bitcoinjsPayment(kind: Kind): { output: Uint8Array; input: object } {
  const { p2pk, p2pkh, p2ms, p2sh, p2wpkh, p2wsh, p2tr } = bitcoinjs.payments;
  const multisig = p2ms({ m: 2, pubkeys: keys });
  const output = (payment: bitcoinjs.Payment): Uint8Array => payment.output as Uint8Array;
  switch (kind) {
    case "pubkey":
      return { output: output(p2pk({ pubkey: key })), input: {} };
    case "pubkeyhash":
      return { output: output(p2pkh({ pubkey: key })), input: {} };
    case "multisig":
      return { output: output(multisig), input: {} };
    case "scripthash of multisig":
      return {
        output: output(p2sh({ redeem: multisig })),
        input: { redeemScript: output(multisig) },
      };
    case "scripthash of witness_v0_keyhash": {
      const redeem = p2wpkh({ pubkey: key });
      return { output: output(p2sh({ redeem })), input: { redeemScript: output(redeem) } };
    }
    case "scripthash of witness_v0_scripthash": {
      const redeem = p2wsh({ redeem: multisig });
      const input = { redeemScript: output(redeem), witnessScript: output(multisig) };
      return { output: output(p2sh({ redeem })), input };
    }
    case "witness_v0_keyhash":
      return { output: output(p2wpkh({ pubkey: key })), input: {} };
    case "witness_v0_scripthash of multisig":
      return {
        output: output(p2wsh({ redeem: multisig })),
        input: { witnessScript: output(multisig) },
      };
    case "witness_v1_taproot by its key":
      return { output: output(p2tr({ internalPubkey: x })), input: { tapInternalKey: x } };
    case "witness_v1_taproot by a script": {
      const script = bitcoinjs.script.compile([x, bitcoinjs.opcodes.OP_CHECKSIG as number]);
      const leafVersion = 0xc0;
      const payment = p2tr({
        internalPubkey: (keys[1] as Uint8Array).subarray(1),
        scriptTree: { output: script },
        redeem: { output: script, redeemVersion: leafVersion },
      });
      const controlBlock = payment.witness?.at(-1) as Uint8Array;
      const input = { tapLeafScript: [{ leafVersion, script, controlBlock }] };
      return { output: output(payment), input };
    }
  }
}

function bitcoinjsKey(secretKey: Uint8Array) {
  return {
    publicKey: ecc.pointFromScalar(secretKey) as Uint8Array,
    sign: (hash: Uint8Array) => ecc.sign(hash, secretKey),
    signSchnorr: (hash: Uint8Array) => ecc.signSchnorr(hash, secretKey),
  };
}
/** BIP-0341: the key that an output shows is the internal one, tweaked. */
function tweaked(secretKey: Uint8Array): Uint8Array {
  const isOdd = ecc.pointFromScalar(secretKey)?.[0] === 3;
  const even = isOdd ? ecc.privateNegate(secretKey) : secretKey;
  return ecc.privateAdd(even, bitcoinjs.crypto.taggedHash("TapTweak", x)) as Uint8Array;
}

const bitcoinjsSigner: Signer = {
  name: "bitcoinjs-lib",
  kinds: KINDS,
  build(kind, sighashType, funding = 7) {
    const { output, input } = bitcoinjsPayment(kind);
    const isThere = typeof funding === "object";
    const before = isThere
      ? bitcoinjs.Transaction.fromBuffer(funding.raw)
      : new bitcoinjs.Transaction();
    if (!isThere) {
      before.addInput(new Uint8Array(32).fill(funding), 0);
      for (const value of SPENT) before.addOutput(output, value);
    }
    const made = new bitcoinjs.Psbt();
    for (const [at, value] of SPENT.entries()) {
      const index = at + (isThere ? funding.first : 0);
      const utxo = isLegacy(kind)
        ? { nonWitnessUtxo: before.toBuffer() }
        : { witnessUtxo: { script: output, value } };
      const type = sighashType === 0 ? {} : { sighashType }; // DEFAULT goes unsaid
      made.addInput({ hash: before.getId(), index, ...type, ...utxo, ...input });
    }
    const change = bitcoinjs.payments.p2pkh({ pubkey: key }).output as Uint8Array;
    for (const value of PAID) made.addOutput({ script: change, value });
    const byKey = kind === "witness_v1_taproot by its key";
    for (const secretKey of signing(kind)) {
      made.signAllInputs(bitcoinjsKey(byKey ? tweaked(secretKey) : secretKey), [sighashType]);
    }
    const signed = made.finalizeAllInputs().extractTransaction(true);
    const spent = spentOutputs(output);
    return { raw: signed.toBuffer(), id: signed.getId(), weight: signed.weight(), spent };
  },
};

export const SIGNERS: readonly Signer[] = [scureSigner, bitcoinjsSigner];

/** Which of every `step`-th bit may be flipped without anybody noticing. */
export function looseBits(
  { raw, spent }: Signed,
  verifier: SignatureVerifier,
  step: number,
): number[] {
  const loose: number[] = [];
  for (let bit = 0; bit < 8 * raw.length; bit += step) {
    const changed = Uint8Array.from(raw);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    try {
      if (verifyTransaction(Transaction.fromBytes(changed), spent, { verifier }).ok) {
        loose.push(bit);
      }
    } catch (error) {
      if (!(error instanceof CoreError)) throw error; // it is no transaction any more
    }
  }
  return loose;
}
