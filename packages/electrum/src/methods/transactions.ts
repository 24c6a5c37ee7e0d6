/** Methods of transactions, of the mempool and of fees. ElectrumX: session.py. */
import { bytesToHex, merkleBranch, type Txid } from "@chain/core";
import {
  ask,
  type Call,
  type Method,
  readFlag,
  readHeight,
  readHex,
  readTxid,
  shown,
} from "../call.ts";
import { badRequest, DAEMON_ERROR, ElectrumError } from "../errors.ts";
import { grouped } from "./blocks.ts";

/** Core: the longest target of an estimate. */
const MAX_TARGET = 1008;
const MODES: ReadonlySet<unknown> = /* @__PURE__ */ (() =>
  new Set(["CONSERVATIVE", "ECONOMICAL"]))();
/** Fields of `getmempoolinfo` that callers see, in coins for 1,000 virtual bytes. */
const INFO_FIELDS = ["mempoolminfee", "minrelaytxfee", "incrementalrelayfee"] as const;
const UNKNOWN =
  "No such mempool or blockchain transaction. Use gettransaction for wallet transactions.";

export const TRANSACTION_METHODS: Readonly<Record<string, Method>> = {
  "blockchain.transaction.get": {
    params: ["tx_hash", "verbose"],
    required: 1,
    run: async (call) => {
      const [txid, verbose] = [readTxid(call.args[0]), readFlag(call.args[1], "verbose")];
      if (verbose) return ask(call, "getrawtransaction", [txid, 1]);
      const found = await call.lookup.atOneMoment(() => call.lookup.transaction(txid));
      if (found !== undefined) return bytesToHex(found.transaction.toBytes());
      const text = `daemon error: DaemonError({'code': -5, 'message': '${UNKNOWN}'})`;
      throw new ElectrumError(DAEMON_ERROR, text);
    },
  },
  "blockchain.transaction.get_merkle": {
    params: ["tx_hash", "height"],
    required: 2,
    isRead: true,
    run: async (call) => {
      const [txid, height] = [readTxid(call.args[0]), readHeight(call.args[1])];
      const txids = await txidsAt(height, call);
      const pos = txids.indexOf(txid);
      if (pos < 0) throw badRequest(`tx ${txid} not in block at height ${grouped(height)}`);
      return { block_height: height, merkle: merkleBranch(txids, pos), pos };
    },
  },
  "blockchain.transaction.id_from_pos": {
    params: ["height", "tx_pos", "merkle"],
    required: 2,
    isRead: true,
    run: async (call) => {
      const [height, position] = [readHeight(call.args[0]), readHeight(call.args[1])];
      const withBranch = readFlag(call.args[2], "merkle");
      const txids = await txidsAt(height, call);
      const txid = txids[position];
      if (txid === undefined) {
        const where = `position ${grouped(position)} in block at height ${grouped(height)}`;
        throw badRequest(`no tx at ${where}`);
      }
      return withBranch ? { tx_hash: txid, merkle: merkleBranch(txids, position) } : txid;
    },
  },
  "blockchain.transaction.broadcast": {
    params: ["raw_tx"],
    required: 1,
    run: (call) => {
      const raw = readHex(call.args[0]);
      return ask(call, "sendrawtransaction", [raw], (message, cause) =>
        badRequest(`the transaction was rejected by network rules.\n\n${message}\n[${raw}]`, cause),
      );
    },
  },
  "blockchain.transaction.broadcast_package": {
    params: ["raw_txs", "verbose"],
    required: 1,
    since: [1, 6],
    run: async (call) => {
      const [given] = call.args;
      if (!Array.isArray(given)) throw badRequest(`${shown(given)} should be a list`);
      const verbose = readFlag(call.args[1], "verbose");
      const answer = await ask(call, "submitpackage", [given.map(readHex)], (message, cause) =>
        badRequest(`the tx package was rejected by network rules.\n\n${message}.`, cause),
      );
      return verbose ? answer : summaryOf(answer as PackageAnswer);
    },
  },
  "blockchain.estimatefee": {
    params: ["number", "mode"],
    required: 1,
    run: async (call) => {
      const target = Math.min(Math.max(1, readHeight(call.args[0])), MAX_TARGET);
      const given = call.args[1];
      const mode = typeof given === "string" ? given.toUpperCase() : undefined;
      if (mode !== undefined && !MODES.has(mode)) {
        throw badRequest(`unknown estimatefee mode: ${shown(mode)}`);
      }
      const params = mode === undefined ? [target] : [target, mode];
      const answer = await ask(call, "estimatesmartfee", params);
      const { feerate } = answer as { readonly feerate?: unknown };
      return feerate === undefined ? -1 : Number(feerate);
    },
  },
  "blockchain.relayfee": {
    params: [],
    required: 0,
    until: [1, 6],
    run: async (call) => (await mempoolInfo(call))["minrelaytxfee"],
  },
  "mempool.get_info": { params: [], required: 0, since: [1, 6], run: mempoolInfo },
  "mempool.get_fee_histogram": {
    params: [],
    required: 0,
    isRead: true,
    run: ({ lookup }) => lookup.feeHistogram(),
  },
};

async function txidsAt(height: number, { host: { chain } }: Call): Promise<readonly Txid[]> {
  const node = chain.headers.activeAt(height);
  const block = node && (await chain.getBlock(node.hash));
  if (block === undefined) throw badRequest(`height ${grouped(height)} out of range`);
  return block.transactions.map(({ txid }) => txid);
}

async function mempoolInfo(call: Call): Promise<Readonly<Record<string, number>>> {
  const info = (await ask(call, "getmempoolinfo", [])) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(INFO_FIELDS.map((name) => [name, Number(info[name])]));
}

/** The answer of Core's submitpackage, as far as it is read here. */
interface PackageAnswer {
  readonly package_msg: string;
  readonly "tx-results"?: Readonly<
    Record<string, { readonly txid?: string; readonly error?: string }>
  >;
}

function summaryOf({ package_msg: message, "tx-results": results = {} }: PackageAnswer) {
  const errors = Object.values(results)
    .filter(({ error }) => error !== undefined)
    .map(({ txid, error }) => ({ txid, error }));
  return { success: message === "success", ...(errors.length > 0 && { errors }) };
}
