/**
 * The dearest transactions from before SegWit: each of 1,000 signatures hashes 0.9 MB of its own. With the platform's
 * hash, and with JavaScript alone. Run with `pnpm bench quadratic`.
 */
import {
  concatBytes,
  Opcode,
  pushData,
  type SignatureVerifier,
  Transaction,
  type Txid,
  type TxOutput,
  verifyTransaction,
} from "@chain/core";
import { fastestVerifier } from "../src/fastest.ts";

const INPUTS = 20;
const CHECKS = 50;
const SIZE = 900_000;
const KEY = concatBytes(Uint8Array.of(2), new Uint8Array(32).fill(1));

/** A signature that is well-formed, and signs nothing: it is hashed for, verified, and refused all the same. */
function signature(hashType: number): Uint8Array {
  const half = concatBytes(Uint8Array.of(2, 32, 1), new Uint8Array(31).fill(7));
  return concatBytes(Uint8Array.of(0x30, 68), half, half, Uint8Array.of(hashType));
}

/** `signature key CHECKSIG DROP CODESEPARATOR`, again and again: the code that is signed is another each time. */
function lock(hashType: number): Uint8Array {
  const one = concatBytes(
    pushData(signature(hashType)),
    pushData(KEY),
    Uint8Array.of(Opcode.OP_CHECKSIG, Opcode.OP_DROP, Opcode.OP_CODESEPARATOR),
  );
  return concatBytes(...Array.from({ length: CHECKS }, () => one), Uint8Array.of(Opcode.OP_1));
}

function spend(fill: "outputs" | "inputs"): Transaction {
  const input = (vout: number) => ({
    prevout: { txid: "11".repeat(32) as Txid, vout },
    scriptSig: new Uint8Array(0),
    sequence: 0xffff_ffff,
    witness: [],
  });
  const inputs = fill === "inputs" ? SIZE / 41 : INPUTS;
  const outputs: TxOutput[] = Array.from({ length: fill === "outputs" ? SIZE / 9 : 1 }, () => ({
    value: 0n,
    scriptPubKey: new Uint8Array(0),
  }));
  const list = Array.from({ length: Math.floor(inputs) }, (_, i) => input(i));
  return new Transaction({ version: 1, inputs: list, outputs, lockTime: 0 });
}

const platform = await fastestVerifier();
const { sha256Of: _, ...methods } = platform;
const script: SignatureVerifier = { ...methods, name: `${platform.name}, hash in JavaScript` };

for (const fill of ["outputs", "inputs"] as const) {
  for (const [name, hashType] of [
    ["ALL", 1],
    ["SINGLE", 3],
    ["ALL|ANYONECANPAY", 0x81],
  ] as const) {
    const transaction = spend(fill);
    const free = { value: 0n, scriptPubKey: Uint8Array.of(Opcode.OP_1) };
    const locked = { value: 0n, scriptPubKey: lock(hashType) };
    const spent = transaction.inputs.map((_, i) => (i < INPUTS ? locked : free));
    const times = [platform, script].map((verifier) => {
      const begun = performance.now();
      const verdict = verifyTransaction(transaction, spent, { flags: 0, verifier });
      if (!verdict.ok) console.log(verdict.reason);
      return `${((performance.now() - begun) / 1000).toFixed(2)} s (${verifier.name})`;
    });
    console.log(`0.9 MB of ${fill}, ${name}: ${times.join(", ")}`);
  }
}
