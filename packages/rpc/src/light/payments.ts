/** Methods about the payments of the scripts that a light node watches, and about those that it hands out. */
import {
  bytesToHex,
  checkTransaction,
  type OutpointKey,
  outpointKey,
  type Seconds,
  type Transaction,
  type Txid,
} from "@chain/core";
import type { Fate, WatchedCoin } from "@chain/light";
import type { CallSignal, Method } from "../define/method.ts";
import { flag, hex, list, maybe, obj, text } from "../define/result.ts";
import { readFeeRate, readHex } from "../define/types.ts";
import { describeTransaction } from "../describe/transaction.ts";
import {
  RPC_CLIENT_NOT_CONNECTED,
  RPC_INVALID_ADDRESS_OR_KEY,
  RPC_INVALID_PARAMETER,
  RPC_MISC_ERROR,
  RPC_VERIFY_ALREADY_IN_UTXO_SET,
  RPC_VERIFY_REJECTED,
  RpcError,
} from "../errors.ts";
import { coinsNumber } from "../json/number.ts";
import type { Json } from "../json/parse.ts";
import { getrawmempool } from "../methods/blockchain/getrawmempool.ts";
import { listunspentbyscript } from "../methods/chain/listunspentbyscript.ts";
import { submitpayment } from "../methods/chain/submitpayment.ts";
import { watchscripts } from "../methods/chain/watchscripts.ts";
import { decodeTransaction } from "../methods/decode.ts";
import { isTooMuch, MAX_FEE_RATE, tooMuch } from "../methods/feeLimit.ts";
import { getrawtransaction } from "../methods/rawtransactions/getrawtransaction.ts";
import { sendrawtransaction } from "../methods/rawtransactions/sendrawtransaction.ts";
import { testmempoolaccept } from "../methods/rawtransactions/testmempoolaccept.ts";
import type { LightHost } from "./host.ts";
import { answered } from "./method.ts";
import { untilCurrent, untilFate, untilTipCurrent } from "./waiting.ts";

/** More than wallets have; each filter is matched against all of them. */
const MAX_SCRIPTS = 100_000;
/** Clocks of miners may be off by so much. Core: TIMESTAMP_WINDOW. Seconds. */
const BIRTHDAY_MARGIN: Seconds = 7200;

interface Submission {
  readonly hexstring: string;
}

export const PAYMENTS: readonly Method<LightHost>[] = [
  answered<{ readonly scripts: readonly (string | undefined)[]; readonly timestamp: Seconds }>({
    method: watchscripts,
    run: async ({ scripts, timestamp }, host, { signal }) => {
      const { chain, light } = host;
      const read = scripts.map((script = "") => readHex(script, "script"));
      const { watched } = light;
      const fresh = read.filter((script) => !watched.isWatched(script));
      if (watched.scripts.length + fresh.length > MAX_SCRIPTS) {
        const message = `a light node watches ${MAX_SCRIPTS} scripts at most`;
        throw new RpcError(RPC_INVALID_PARAMETER, message);
      }
      const since = timestamp - BIRTHDAY_MARGIN;
      if (fresh.length > 0 && since > chain.tip.time) await untilTipCurrent(host, signal);
      const height = firstSince(chain, since);
      // Those that are known as well: they may be older than was said before.
      light.watch(read, { height });
      return { height, watched: watched.scripts.length };
    },
  }),
  answered<{ readonly script: string }>({
    method: listunspentbyscript,
    description:
      "Returns what a watched output script has to spend, once the chain is searched to its end: the change of payments that this node hands out included, and immature coinbases too.",
    run: async ({ script: given }, host, { signal }) => {
      const script = readHex(given, "script");
      const { light } = host;
      if (!light.watched.isWatched(script)) {
        throw new RpcError(RPC_INVALID_PARAMETER, "the script is not watched: see watchscripts");
      }
      await untilCurrent(host, signal);
      const { height } = light.balance;
      return { height, coins: spendable(light, script, height + 1) };
    },
  }),
  answered<Submission>({
    method: submitpayment,
    description:
      "Hands a new payment to all peers, and answers when one of them shows that it has taken it. It is handed out until a block has it.",
    run: async ({ hexstring }, host, { signal }) => {
      const transaction = decodeTransaction(hexstring);
      refuseSettled(transaction, host);
      if (host.light.fate(transaction.txid) === "seen") {
        throw new RpcError(RPC_VERIFY_REJECTED, "txn-already-in-mempool");
      }
      const known = spentCoins(transaction, host);
      if (isFeeTooMuch(transaction, known)) throw tooMuch();
      return handOut(transaction, host, signal);
    },
  }),
  answered<Submission & { readonly maxfeerate: Json }>({
    method: sendrawtransaction,
    description:
      "Hands a raw transaction (serialized, hex-encoded) to all peers, and answers when one of them shows that it has taken it.\nThe fee is checked where it spends watched coins alone; maxburnamount is not.",
    run: async ({ hexstring, maxfeerate }, host, { signal }) => {
      const transaction = decodeTransaction(hexstring);
      const maxFeeRate = readFeeRate(maxfeerate);
      refuseSettled(transaction, host);
      if (isFeeTooMuch(transaction, spentCoins(transaction, host), maxFeeRate)) throw tooMuch();
      return handOut(transaction, host, signal);
    },
  }),
  answered({
    method: getrawmempool,
    description: "Returns the payments that this node hands out and that a peer has taken.",
    results: [{ schema: list(hex("A transaction id"), "The transaction ids") }],
    run: (_, { light }) => {
      const taken = light.pending.filter(({ txid }) => light.fate(txid) === "seen");
      return taken.map(({ txid }) => txid);
    },
  }),
  answered<{ readonly rawtxs: readonly (string | undefined)[] }>({
    method: testmempoolaccept,
    description:
      "Tells of transactions that can't be accepted any more: those that are in the best chain, and those whose watched coins another has spent. Of others it can't tell, so 'allowed' is left out.",
    results: [
      {
        schema: list(
          obj({
            txid: hex("The transaction hash"),
            wtxid: hex("The transaction witness hash"),
            allowed: maybe(flag("false, or not there")),
            "reject-reason": maybe(text("txn-already-known, or missing-inputs")),
          }),
          "The result of each transaction",
        ),
      },
    ],
    run: async ({ rawtxs }, host, { signal }) => {
      await untilCurrent(host, signal);
      return rawtxs.map((rawtx = "") => {
        const { txid, wtxid, inputs } = decodeTransaction(rawtx);
        const fate = fateInChain(txid, inputs, host);
        if (fate === undefined) return { txid, wtxid };
        return { txid, wtxid, allowed: false, "reject-reason": fate };
      });
    },
  }),
  answered<{ readonly txid: Txid; readonly verbosity: number }>({
    method: getrawtransaction,
    description:
      "Returns a transaction of the watched scripts, or one that this node hands out: as hex, or for a verbosity of 1 or 2 as an object.",
    run: ({ txid, verbosity }, { chain, light }) => {
      const found = light.transaction(txid);
      const transaction = found?.transaction ?? light.pending.find((each) => each.txid === txid);
      if (transaction === undefined) {
        const message = "No transaction of the watched scripts has this id";
        throw new RpcError(RPC_INVALID_ADDRESS_OR_KEY, message);
      }
      if (verbosity <= 0) return bytesToHex(transaction.toBytes());
      const block = found && chain.headers.activeAt(found.height);
      return {
        ...describeTransaction(transaction, chain.params),
        ...(block !== undefined && {
          blockhash: block.hash,
          confirmations: chain.tip.height - block.height + 1,
          time: block.time,
          blocktime: block.time,
        }),
      };
    },
  }),
];

/**
 * The first block of the best chain that is not older; a time after all of them: the next block. Times of blocks go up
 * and down, and after a gap even their medians lag, so each is looked at. Core: FindEarliestAtLeast.
 */
function firstSince({ headers, tip }: LightHost["chain"], time: Seconds): number {
  let height = 0;
  while (height <= tip.height && (headers.activeAt(height)?.time ?? 0) < time) height++;
  return height;
}

function spendable(light: LightHost["light"], script: Uint8Array, next: number) {
  const key = bytesToHex(script);
  const pays = ({ scriptPubKey }: { readonly scriptPubKey: Uint8Array }) =>
    bytesToHex(scriptPubKey) === key;
  const pending = pendingOf(light);
  const spent = new Set<OutpointKey>(
    pending.flatMap(({ inputs }) => inputs.map(({ prevout }) => outpointKey(prevout))),
  );
  const confirmed = light.watched.coins
    .filter((coin) => coin.spent === undefined && pays(coin))
    .map(({ outpoint, value, height, coinbase }) => {
      return { outpoint, value, height, coinbase, pending: false };
    });
  const change = pending.flatMap(({ txid, outputs }) =>
    outputs.flatMap((output, vout) => {
      const coin = { outpoint: { txid, vout }, value: output.value, height: next };
      return pays(output) ? [{ ...coin, coinbase: false, pending: true }] : [];
    }),
  );
  return [...confirmed, ...change]
    .filter(({ outpoint }) => !spent.has(outpointKey(outpoint)))
    .map(({ outpoint: { txid, vout }, value, ...rest }) => {
      return { txid, vout, amount: coinsNumber(value), ...rest };
    });
}

/** Payments that this node hands out and that a block may come to have. */
function pendingOf(light: LightHost["light"]): readonly Transaction[] {
  return light.pending.filter(({ txid }) => light.fate(txid) !== "refused");
}

/** In Core's words, what the chain has made of a transaction; `undefined` where it may come to be in a block. */
function fateInChain(
  txid: Txid,
  inputs: Transaction["inputs"],
  { light }: LightHost,
): "txn-already-known" | "missing-inputs" | undefined {
  if (light.transaction(txid) !== undefined) return "txn-already-known";
  const ours = coinsOf({ inputs }, light);
  return ours.some((coin) => coin?.spent !== undefined) ? "missing-inputs" : undefined;
}

function coinsOf(
  { inputs }: Pick<Transaction, "inputs">,
  light: LightHost["light"],
): readonly (WatchedCoin | undefined)[] {
  const coins = new Map(light.watched.coins.map((coin) => [outpointKey(coin.outpoint), coin]));
  return inputs.map(({ prevout }) => coins.get(outpointKey(prevout)));
}

/** @throws RpcError -27 for one that is in the chain, -26 for one that never can be */
function refuseSettled(transaction: Transaction, host: LightHost): void {
  const { txid, inputs } = transaction;
  const fate = fateInChain(txid, inputs, host);
  if (fate === "txn-already-known") {
    const message = "Transaction outputs already in utxo set";
    throw new RpcError(RPC_VERIFY_ALREADY_IN_UTXO_SET, message);
  }
  if (fate === "missing-inputs") {
    throw new RpcError(RPC_VERIFY_REJECTED, "bad-txns-inputs-missingorspent");
  }
  const verdict = checkTransaction(transaction);
  if (!verdict.ok) throw new RpcError(RPC_VERIFY_REJECTED, verdict.reason);
  if (transaction.isCoinbase) throw new RpcError(RPC_VERIFY_REJECTED, "coinbase");
  const wanted = new Set(inputs.map(({ prevout }) => outpointKey(prevout)));
  const isConflict = pendingOf(host.light).some(
    (other) =>
      other.txid !== txid && other.inputs.some(({ prevout }) => wanted.has(outpointKey(prevout))),
  );
  if (isConflict) throw new RpcError(RPC_VERIFY_REJECTED, "txn-mempool-conflict");
}

/** The values that a transaction spends; `undefined` where they are not all of watched scripts. */
function spentCoins(transaction: Transaction, { light }: LightHost): bigint | undefined {
  const waiting = new Map(light.pending.map((each) => [each.txid, each]));
  const values = coinsOf(transaction, light).map((coin, i) => {
    const { txid, vout } = transaction.inputs[i]?.prevout ?? {};
    if (coin !== undefined || txid === undefined || vout === undefined) return coin?.value;
    return waiting.get(txid)?.outputs[vout]?.value;
  });
  let total = 0n;
  for (const value of values) {
    if (value === undefined) return undefined;
    total += value;
  }
  return total;
}

function isFeeTooMuch(
  { outputs, virtualSize: size }: Transaction,
  spent: bigint | undefined,
  maxFeeRate: bigint = readFeeRate(MAX_FEE_RATE),
): boolean {
  if (spent === undefined) return false;
  const fee = outputs.reduce((left, { value }) => left - value, spent);
  if (fee < 0n) throw new RpcError(RPC_VERIFY_REJECTED, "bad-txns-in-belowout");
  return isTooMuch({ fee, size }, maxFeeRate);
}

/**
 * Hands a transaction to peers.
 * @throws RpcError -9: no peer got it; -26: all that took it have refused it; -1: none has said yet, and it stays handed
 *   out
 */
async function handOut(
  transaction: Transaction,
  host: LightHost,
  signal: CallSignal,
): Promise<Txid> {
  const { light } = host;
  const { txid } = transaction;
  if (light.peers.length === 0) {
    const message = "nothing was sent, because no peer is connected that could take it";
    throw new RpcError(RPC_CLIENT_NOT_CONNECTED, message);
  }
  light.broadcast(transaction);
  const fate: Fate = await untilFate(txid, host, signal);
  if (fate === "seen" || fate === "confirmed") return txid;
  if (fate === "refused") {
    light.forget(txid);
    const message = "no peer that was given it has kept it, and peers do not say why";
    throw new RpcError(RPC_VERIFY_REJECTED, message);
  }
  const message =
    "no peer has shown yet whether it takes it: it is handed out until a block has it";
  throw new RpcError(RPC_MISC_ERROR, message);
}
