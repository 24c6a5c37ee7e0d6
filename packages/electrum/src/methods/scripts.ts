/** Methods of scripts, which callers name by their hashes. ElectrumX: session.py. */
import type { Outpoint, ScriptHash } from "@chain/core";
import type { ConfirmedTouch, Place, UnconfirmedTouch, UnspentOutput } from "@chain/indexes";
import { type Call, type Method, readScriptHash } from "../call.ts";
import { ElectrumError, HISTORY_TOO_LONG } from "../errors.ts";

/** Of an index, in one read. */
const PAGE = 10_000;

const script = (run: (hash: ScriptHash, call: Call) => unknown): Method => ({
  params: ["scripthash"],
  required: 1,
  isRead: true,
  run: (call) => run(readScriptHash(call.args[0]), call),
});

export const SCRIPT_METHODS: Readonly<Record<string, Method>> = /* @__PURE__ */ (() => ({
  "blockchain.scripthash.get_balance": script(async (hash, { lookup }) => {
    const { confirmed, unconfirmed } = await lookup.scripts.scriptBalance(hash);
    return {
      confirmed: Number(confirmed.funded.value - confirmed.spent.value),
      unconfirmed: Number(unconfirmed.funded.value - unconfirmed.spent.value),
    };
  }),
  "blockchain.scripthash.get_history": script(async (hash, call) => {
    const { confirmed, unconfirmed } = await wholeHistory(hash, call);
    return [
      ...confirmed.map(({ txid, height }) => ({ tx_hash: txid, height })),
      ...unconfirmed.map(describeUnconfirmed),
    ];
  }),
  "blockchain.scripthash.get_mempool": script(async (hash, { lookup }) => {
    const { unconfirmed } = await lookup.scripts.scriptHistory(hash, { limit: 1 });
    return unconfirmed.map(describeUnconfirmed);
  }),
  "blockchain.scripthash.listunspent": script(async (hash, call) => {
    const outputs = await allUnspent(hash, call);
    return outputs.map(({ txid, vout, height, value }) => ({
      tx_pos: vout,
      value: Number(value),
      tx_hash: txid,
      height,
    }));
  }),
  "blockchain.scripthash.subscribe": script(
    async (hash, { caller }) => (await caller.watch(hash)) ?? null,
  ),
  "blockchain.scripthash.unsubscribe": script((hash, { caller }) => caller.unwatch(hash)),
}))();

function describeUnconfirmed({ txid, height, fee }: UnconfirmedTouch) {
  return { tx_hash: txid, height, fee: Number(fee) };
}

async function wholeHistory(hash: ScriptHash, { lookup, limits }: Call) {
  const confirmed: ConfirmedTouch[] = [];
  let unconfirmed: readonly UnconfirmedTouch[] = [];
  let after: Place | undefined;
  do {
    const page = await lookup.scripts.scriptHistory(hash, { limit: PAGE, after });
    if (after === undefined) unconfirmed = page.unconfirmed;
    confirmed.push(...page.confirmed);
    requireShort(confirmed.length + unconfirmed.length, limits.history);
    after = page.next;
  } while (after !== undefined);
  return { confirmed, unconfirmed };
}

async function allUnspent(hash: ScriptHash, { lookup, limits }: Call) {
  const [outputs, waiting]: [UnspentOutput[], UnspentOutput[]] = [[], []];
  let after: Outpoint | undefined;
  do {
    const page = await lookup.scripts.scriptUnspent(hash, { limit: PAGE, after });
    for (const each of page.outputs) {
      (each.height === 0 && !each.coinbase ? waiting : outputs).push(each);
    }
    requireShort(outputs.length + waiting.length, limits.history);
    after = page.next;
  } while (after !== undefined);
  return [...outputs, ...waiting];
}

function requireShort(count: number, most: number): void {
  if (count > most) throw new ElectrumError(HISTORY_TOO_LONG, "history too large");
}
