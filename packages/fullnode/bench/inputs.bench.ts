/**
 * Inputs of every kind, with each body of signature checking: blocks full of one kind checked whole, and the cost of an
 * input where there are many. Run with `pnpm bench inputs`.
 */
import {
  type Block,
  type Coin,
  type CoinsView,
  concatBytes,
  hash160,
  nobleVerifier,
  type OutpointKey,
  outpointKey,
  p2pkhScript,
  p2trScript,
  p2wpkhScript,
  pushData,
  regtest,
  SEQUENCE_FINAL,
  SIGHASH_ALL,
  type SignatureVerifier,
  Transaction,
  type TxOutput,
  verifyBlock,
  verifyTransaction,
} from "@chain/core";
import { loadNativeVerifier, loadWasmVerifier } from "@chain/signatures";
import { makeBlock, TestChain, testKey } from "@chain/testing/blockFactory";
import { KINDS, type Kind, SIGNERS } from "@chain/testing/signers";
import { best, rate } from "./support/measure.ts";

const bodies = [nobleVerifier, await loadWasmVerifier(), loadNativeVerifier()];
const chain = new TestChain(regtest);

/** A block of 50 transactions of two inputs and two outputs, signed by bitcoinjs-lib, and the coins that they spend. */
function fullOf(kind: Kind): { block: Block; coins: CoinsView; inputs: number } {
  const coins = new Map<OutpointKey, Coin>();
  const transactions = Array.from({ length: 50 }, (_, funding) => {
    const signed = SIGNERS[1]!.build(kind, SIGHASH_ALL, funding);
    const transaction = Transaction.fromBytes(signed.raw);
    for (const [index, { prevout }] of transaction.inputs.entries()) {
      const output = signed.spent[index]!;
      coins.set(outpointKey(prevout), { ...output, height: 0, coinbase: false });
    }
    return transaction;
  });
  const block = makeBlock({ parent: chain.tip, params: regtest, transactions, commit: true });
  const get: CoinsView["get"] = (outpoint) => coins.get(outpointKey(outpoint));
  return { block, coins: { get }, inputs: coins.size };
}

async function blocks(): Promise<void> {
  const { tip: parent, params } = chain;
  const rows: Record<string, string>[] = [];
  for (const kind of KINDS) {
    const { block, coins, inputs } = fullOf(kind);
    const row: Record<string, string> = { "spends, inputs/s": kind };
    for (const verifier of bodies) {
      const now = block.header.time;
      const seconds = await best(() => {
        const verdict = verifyBlock(block, { parent, params, coins, now, verifier });
        if (!verdict.ok) throw new TypeError(`${kind}: ${verdict.reason}`);
      });
      row[verifier.name] = rate(inputs, seconds);
    }
    rows.push(row);
  }
  console.table(rows);
}

/** Takes everything: leaves the cost of all but the mathematics. */
const believer: SignatureVerifier = {
  name: "believer",
  verifyEcdsa: () => true,
  verifySchnorr: () => true,
  checkTaprootTweak: () => true,
};

async function manyInputs(): Promise<void> {
  const { publicKey } = testKey(1);
  const hash = hash160(publicKey);
  const half = concatBytes(Uint8Array.of(2, 32), new Uint8Array(32).fill(1));
  const der = concatBytes(Uint8Array.of(0x30, 68), half, half, Uint8Array.of(SIGHASH_ALL));
  const none = new Uint8Array(0);
  const kinds = [
    {
      kind: "witness_v0_keyhash (BIP-0143)",
      script: p2wpkhScript(hash),
      scriptSig: none,
      witness: [der, publicKey],
    },
    {
      kind: "witness_v1_taproot (BIP-0341)",
      script: p2trScript(publicKey.subarray(1)),
      scriptSig: none,
      witness: [new Uint8Array(64)],
    },
    {
      kind: "pubkeyhash",
      script: p2pkhScript(hash),
      scriptSig: concatBytes(pushData(der), pushData(publicKey)),
      witness: [],
    },
  ];
  const rows: Record<string, string>[] = [];
  for (const { kind, script, scriptSig, witness } of kinds) {
    const row: Record<string, string> = { "µs per input, of": kind };
    for (const count of [25, 250, 2_500]) {
      const inputs = Array.from({ length: count }, (_, vout) => ({
        prevout: { txid: regtest.genesis.transactions[0]!.txid, vout },
        scriptSig,
        witness,
        sequence: SEQUENCE_FINAL,
      }));
      const output: TxOutput = { value: 1_000n, scriptPubKey: script };
      const made = new Transaction({ version: 2, lockTime: 0, inputs, outputs: [output] });
      const spent = Array<TxOutput>(count).fill(output);
      const seconds = await best(() => {
        const verdict = verifyTransaction(made, spent, { verifier: believer });
        if (!verdict.ok) throw new TypeError(verdict.reason);
      });
      row[`${count.toLocaleString("en")} inputs`] = ((seconds / count) * 1e6).toFixed(1);
    }
    rows.push(row);
  }
  console.table(rows);
}

await blocks();
await manyInputs();
