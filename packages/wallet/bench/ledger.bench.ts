/** A wallet with 100,000 transactions: loading it, its balance, its coins, a block. Run with `pnpm bench ledger`. */
import {
  Block,
  BlockHeader,
  bytesToHex,
  type MerkleRoot,
  type Outpoint,
  regtest,
  Transaction,
  type Txid,
  ZERO_BLOCK_HASH,
} from "@chain/core";
import { Rng } from "@chain/testing/random";
import { accountDescriptors } from "../src/accounts.ts";
import { ExtendedKey } from "../src/descriptors.ts";
import { WalletLedger } from "../src/ledger.ts";
import { foreign, World } from "../test/ledger/world.ts";

const TRANSACTIONS = 100_000;
const PER_BLOCK = 500;
const ADDRESSES = 1_000;
const NOW = 1_700_000_000;
const host = { params: regtest, now: () => NOW };

const ms = (since: number): string => `${(performance.now() - since).toFixed(2)} ms`;

/** A witness like that of a payment by P2WPKH. */
function signature(rng: Rng): Uint8Array[] {
  return [71, 33].map((length) => Uint8Array.from({ length }, () => rng.below(256)));
}

/** Blocks in which half of the payments spend coins of the wallet, and all pay to it. */
function* blocks(scripts: readonly Uint8Array[], rng: Rng): Iterable<Block> {
  const own: Outpoint[] = [];
  let previousHash = ZERO_BLOCK_HASH;
  let made = 0;
  for (let height = 1; made < TRANSACTIONS; height++) {
    const transactions: Transaction[] = [];
    for (let i = 0; i < PER_BLOCK; i++, made++) {
      const at = rng.below(Math.max(1, own.length));
      const prevout =
        made % 2 === 1 && own.length > 0
          ? (own.splice(at, 1)[0] as Outpoint)
          : {
              txid: bytesToHex(Uint8Array.from({ length: 32 }, () => rng.below(256))) as Txid,
              vout: 0,
            };
      const scriptPubKey = scripts[rng.below(scripts.length)] as Uint8Array;
      const transaction = new Transaction({
        ...{ version: 2, lockTime: made },
        inputs: [
          { prevout, scriptSig: new Uint8Array(0), sequence: 0xfffffffd, witness: signature(rng) },
        ],
        outputs: [
          { value: BigInt(1_000 + rng.below(1_000_000)), scriptPubKey },
          { value: 5_000n, scriptPubKey: foreign(1) },
        ],
      });
      transactions.push(transaction);
      own.push({ txid: transaction.txid, vout: 0 });
    }
    const merkleRoot = transactions[0]?.txid as string as MerkleRoot;
    const header = new BlockHeader({
      ...{ version: 4, previousHash, merkleRoot, time: NOW + height, bits: 0x207fffff, nonce: 0 },
    });
    previousHash = header.hash;
    yield new Block(header, transactions);
  }
}

const master = ExtendedKey.fromSeed(new Uint8Array(32).fill(7), regtest);
const ledger = WalletLedger.create({ ...host, blank: true, keypoolSize: 100 });
const { receive, change } = accountDescriptors(master, { kind: "bech32", params: regtest });
const range = { start: 0, end: ADDRESSES };
ledger.addDescriptor(receive, { active: true, range, timestamp: NOW });
ledger.addDescriptor(change, { active: true, internal: true, timestamp: NOW });
const scripts = [...ledger.scripts()].slice(0, ADDRESSES);

let height = 0;
let since = performance.now();
let spent = 0;
for (const block of blocks(scripts, new Rng(1))) {
  height++;
  const before = performance.now();
  const position = { hash: block.hash, height };
  ledger.apply([{ type: "block-connected", block, ...position }], position);
  spent += performance.now() - before;
}
console.log(`making it: ${ms(since)}, of which ${spent.toFixed(0)} ms apply ${height} blocks`);

since = performance.now();
const records = ledger
  .takeChanges()
  .flatMap(({ key, value }) => (value === undefined ? [] : { key, value }));
const bytes = records.reduce((sum, { value }) => sum + value.length, 0);
console.log(`encoding ${records.length} records, ${bytes} bytes: ${ms(since)}`);

let loaded = ledger;
for (let i = 0; i < 3; i++) {
  since = performance.now();
  const before = process.cpuUsage();
  loaded = WalletLedger.load(records, host);
  const { user, system } = process.cpuUsage(before);
  console.log(
    `loading it: ${ms(since)}, ${((user + system) / 1000).toFixed(0)} ms of processor time`,
  );
}
for (const minDepth of [0, 2]) {
  since = performance.now();
  const { trusted } = loaded.balances(minDepth);
  console.log(`balance of ${trusted}, depth ${minDepth}: ${ms(since)}`);
}
since = performance.now();
console.log(`${loaded.coins().length} coins: ${ms(since)}`);

const world = new World();
for (let i = 0; i < 3; i++) {
  const [script] = scripts;
  world.mine([], script as Uint8Array);
  since = performance.now();
  loaded.apply(world.takeChanges(), { ...world.tip, height: height + i });
  const { trusted } = loaded.balances();
  console.log(`a block with a coinbase, and the balance of ${trusted} after it: ${ms(since)}`);
}
