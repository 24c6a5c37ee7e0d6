/** The records that a block adds to the script history, and how they are taken back. */
import {
  type Coin,
  isUnspendable,
  type LocatedCoin,
  type ScriptHash,
  type Transaction,
} from "@chain/core";
import { present } from "@chain/core/arguments";
import type { IndexedBlock, IndexRecords } from "../chainIndex.ts";
import { REPLACED } from "../replaced.ts";
import {
  decodeTotals,
  encodeIds,
  encodeTotals,
  encodeTouch,
  encodeUnspent,
  historyKey,
  IDS_PER_RECORD,
  idsKey,
  totalsKey,
  unspentKey,
} from "./records.ts";
import { NO_TOTALS, scriptHashOf, type Touch, touchesOf, withTouch } from "./touches.ts";

/** A transaction of a block, and what it does. */
interface Placed {
  readonly position: number;
  readonly touches: ReadonlyMap<ScriptHash, Touch>;
  readonly spent: readonly LocatedCoin[];
  readonly created: readonly LocatedCoin[];
}

/** @returns the scripts that the block touches */
export async function connectBlock(
  block: IndexedBlock,
  records: IndexRecords,
): Promise<Iterable<ScriptHash>> {
  const placed = placedOf(block);
  const { height } = block;
  for (const { position, touches, spent, created } of placed) {
    for (const [script, touch] of touches) {
      records.put(historyKey(script, { height, position }), encodeTouch(touch));
    }
    // An output may be spent in the very block that made it.
    for (const coin of created) putUnspent(coin, records);
    for (const coin of spent) deleteUnspent(coin, records);
  }
  for (const { key, ids } of idRecords(block)) records.put(key, ids);
  return writeTotals(placed, records, 1);
}

/** @returns the same */
export async function disconnectBlock(
  block: IndexedBlock,
  records: IndexRecords,
): Promise<Iterable<ScriptHash>> {
  const placed = placedOf(block);
  const { height } = block;
  for (const { position, touches, spent, created } of placed.toReversed()) {
    for (const script of touches.keys()) records.delete(historyKey(script, { height, position }));
    for (const coin of spent) putUnspent(coin, records);
    for (const coin of created) deleteUnspent(coin, records);
  }
  for (const { key } of idRecords(block)) records.delete(key);
  return writeTotals(placed, records, -1);
}

function placedOf({ block, undo, hash, height }: IndexedBlock): readonly Placed[] {
  return block.transactions.map((transaction, position) => {
    const coins = position === 0 ? [] : present(undo[position - 1], "undo[position - 1]");
    const isReplaced = position === 0 && REPLACED.has(hash);
    const outputs = isReplaced ? [] : transaction.outputs;
    return {
      position,
      touches: touchesOf({ outputs }, coins),
      spent: spentBy(transaction, coins),
      created: outputs
        .map((output, vout) => ({
          outpoint: { txid: transaction.txid, vout },
          coin: { ...output, height, coinbase: position === 0 },
        }))
        .filter(({ coin }) => !isUnspendable(coin.scriptPubKey)),
    };
  });
}

function spentBy({ inputs }: Transaction, coins: readonly Coin[]): readonly LocatedCoin[] {
  return coins.map((coin, vin) => ({
    outpoint: present(inputs[vin], "inputs[vin]").prevout,
    coin,
  }));
}

function putUnspent({ outpoint, coin }: LocatedCoin, records: IndexRecords): void {
  records.put(unspentKey(scriptHashOf(coin.scriptPubKey), outpoint), encodeUnspent(coin));
}

function deleteUnspent({ outpoint, coin }: LocatedCoin, records: IndexRecords): void {
  records.delete(unspentKey(scriptHashOf(coin.scriptPubKey), outpoint));
}

function idRecords({ block, height }: IndexedBlock) {
  const ids = block.transactions.map(({ txid }) => txid);
  return Array.from({ length: Math.ceil(ids.length / IDS_PER_RECORD) }, (_, i) => {
    const position = i * IDS_PER_RECORD;
    const part = ids.slice(position, position + IDS_PER_RECORD);
    return { key: idsKey({ height, position }), ids: encodeIds(part) };
  });
}

async function writeTotals(
  placed: readonly Placed[],
  records: IndexRecords,
  sign: 1 | -1,
): Promise<Iterable<ScriptHash>> {
  const touched = new Map<ScriptHash, Touch[]>();
  for (const [script, touch] of placed.flatMap(({ touches }) => [...touches])) {
    const touches = touched.get(script) ?? [];
    touched.set(script, touches);
    touches.push(touch);
  }
  const scripts = [...touched];
  const before = await records.getMany(scripts.map(([script]) => totalsKey(script)));
  for (const [i, [script, touches]] of scripts.entries()) {
    const stored = before[i];
    let totals = stored === undefined ? NO_TOTALS : decodeTotals(stored);
    for (const touch of touches) totals = withTouch(totals, touch, sign);
    const key = totalsKey(script);
    if (totals.transactions === 0) records.delete(key);
    else records.put(key, encodeTotals(totals));
  }
  return touched.keys();
}
