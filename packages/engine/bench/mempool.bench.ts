/**
 * How much memory the transactions of a mempool really take, beside what is counted for them (Core's count). Run with
 * `pnpm bench engine/bench/mempool`. The last figures are in `docs/benchmarks.md`.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Transaction, type TransactionFields, type Txid } from "@chain/core";
import { Mempool } from "../src/mempool/mempool.ts";
import { params } from "../test/support/chains.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

interface Kind {
  readonly name: string;
  readonly count: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly scriptSig: number;
  readonly witness: readonly number[];
  readonly scriptPubKey: number;
}

const kinds: readonly Kind[] = [
  kind("P2PKH, 1 to 2", 1, 2, { scriptSig: 107, scriptPubKey: 25 }),
  kind("P2WPKH, 1 to 2", 1, 2, { witness: [72, 33], scriptPubKey: 22 }),
  kind("P2TR, 1 to 2", 1, 2, { witness: [64], scriptPubKey: 34 }),
  kind("P2WPKH, 10 to 1", 10, 1, { witness: [72, 33], scriptPubKey: 22 }),
  kind("P2WPKH, 1 to 100", 1, 100, { witness: [72, 33], scriptPubKey: 22 }),
  kind("3 of 5 in P2WSH, 2 to 2", 2, 2, { witness: [0, 72, 72, 72, 173], scriptPubKey: 34 }),
  kind("P2PKH, 1 to 2,000", 1, 2_000, { scriptSig: 107, scriptPubKey: 25 }),
  kind("scripts of 1 byte, 1 to 2,000", 1, 2_000, { scriptPubKey: 1 }),
  kind("empty scripts, 2,000 to 1", 2_000, 1, { scriptPubKey: 1 }),
  kind("a witness of 1,000 bytes", 1, 1, { witness: new Array(1_000).fill(1), scriptPubKey: 22 }),
  kind("data of 50 kB", 1, 1, { witness: [50_000], scriptPubKey: 22 }),
];

function kind(
  name: string,
  inputs: number,
  outputs: number,
  sizes: { scriptSig?: number; witness?: readonly number[]; scriptPubKey: number },
): Kind {
  const { scriptSig = 0, witness = [], scriptPubKey } = sizes;
  const heavy = inputs * (1 + witness.length) + outputs + (witness[0] ?? 0) / 200;
  return {
    name,
    count: Math.ceil(300_000 / heavy),
    inputs,
    outputs,
    scriptSig,
    witness,
    scriptPubKey,
  };
}

/** The n-th of its kind, decoded as it would come from a peer. */
function make({ inputs, outputs, scriptSig, witness, scriptPubKey }: Kind, n: number): Transaction {
  const txid = (i: number) => (n * 10_000 + i).toString(16).padStart(64, "0") as Txid;
  const fields: TransactionFields = {
    version: 2,
    lockTime: 0,
    inputs: Array.from({ length: inputs }, (_, i) => ({
      prevout: { txid: txid(i), vout: i },
      scriptSig: new Uint8Array(scriptSig),
      sequence: 0xffff_fffd,
      witness: witness.map((length) => new Uint8Array(length)),
    })),
    outputs: Array.from({ length: outputs }, () => ({
      value: 5_000_000_000n + BigInt(n),
      scriptPubKey: new Uint8Array(scriptPubKey),
    })),
  };
  return Transaction.fromBytes(new Transaction(fields).toBytes());
}

function used(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

// The first one warms up.
for (const [i, each] of [kinds[0] as Kind, ...kinds].entries()) {
  const mempool = new Mempool(params, { maxMemory: 1e12 });
  const before = used();
  for (let n = 0; n < each.count; n++) {
    const transaction = make(each, n);
    const coins = { sigopCost: 8, height: 0, coins: [], checks: [] };
    mempool.add({ transaction, fee: BigInt(n % 5000), ...coins }, n);
  }
  const real = (used() - before) / each.count;
  const counted = mempool.memory / each.count;
  if (i > 0)
    console.log(
      `${each.name}: ${Math.round(real)} bytes each, counted as ${Math.round(counted)}: ${(real / counted).toFixed(2)}`,
    );
}
