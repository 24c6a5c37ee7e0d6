/** Addresses below `/tx`. Electrs: rest.rs. */
import {
  bytesToHex,
  type HeaderNode,
  isUnspendable,
  merkleBranch,
  partialMerkleTree,
  type Txid,
  Writer,
} from "@chain/core";
import type { LocatedTransaction } from "@chain/indexes";
import { badRequest, bytes, json, notFound, text } from "../answers.ts";
import {
  ask,
  type Call,
  foundTransaction,
  type Route,
  readHash,
  readNumber,
  readTexts,
} from "../call.ts";
import {
  describeOutspend,
  describeTransactions,
  type OutspendDescription,
  statusOf,
} from "../describe/transaction.ts";

/** Of one package. Core: MAX_PACKAGE_COUNT. */
const MAX_TOGETHER = 25;
/** Hex digits of a transaction that a package may have. Electrs: rest.rs. */
const [MIN_HEX, MAX_HEX] = [120, 800_000];
const MAX_TXIDS = 50;

export const transaction: Route = async (call) => {
  const { host, lookup, parts } = call;
  const found = await foundTransaction(call, readHash<Txid>(parts[0]));
  const [described] = await describeTransactions([found], lookup, host.chain.params);
  return json(described);
};

export const transactionStatus: Route = async ({ lookup, parts }) => {
  // One that is unknown counts as unconfirmed, as in electrs.
  const found = await lookup.transaction(readHash<Txid>(parts[0]));
  return json(statusOf(found?.node));
};

export const transactionHex: Route = async (call) => {
  const found = await foundTransaction(call, readHash<Txid>(call.parts[0]));
  return text(bytesToHex(found.transaction.toBytes()));
};

export const transactionRaw: Route = async (call) => {
  const found = await foundTransaction(call, readHash<Txid>(call.parts[0]));
  return bytes(found.transaction.toBytes());
};

/** The path to the Merkle root, as the Electrum protocol has it. */
export const merkleProof: Route = async (call) => {
  const { node, position, txids } = await inBlock(call);
  const proof = {
    block_height: node.height,
    merkle: merkleBranch(txids, position),
    pos: position,
  };
  return json(proof);
};

/** The path as Bitcoin Core's `gettxoutproof` has it: a merkle block of BIP-0037. */
export const merkleBlockProof: Route = async (call) => {
  const { node, position, txids } = await inBlock(call);
  const tree = partialMerkleTree(
    txids,
    txids.map((_, i) => i === position),
  );
  const writer = new Writer();
  writer.bytes(node.header.toBytes()).u32(tree.total).compactSize(tree.hashes.length);
  for (const hash of tree.hashes) writer.hash(hash);
  const proof = writer.varBytes(tree.flags).finish();
  return text(bytesToHex(proof));
};

export const outspend: Route = async ({ lookup, parts }) => {
  const [txid, vout] = [readHash<Txid>(parts[0]), readNumber(parts[1])];
  const spender = await lookup.spender({ txid, vout });
  return json(describeOutspend(spender));
};

export const outspends: Route = async (call) => {
  const found = await foundTransaction(call, readHash<Txid>(call.parts[0]));
  return json(await outspendsOf(found, call));
};

/** Those of several transactions; an empty list where one is unknown. mempool.space's. */
export const outspendsOfMany: Route = async (call) => {
  const txids = call.query.get("txids");
  if (txids === null) throw badRequest("No txids specified");
  const wanted = txids.split(",");
  if (wanted.length > MAX_TXIDS) throw badRequest("Too many txids requested");
  return json(await outspendsByTxid(wanted, call));
};

export async function outspendsByTxid(
  txids: readonly string[],
  call: Call,
): Promise<readonly (readonly OutspendDescription[])[]> {
  const all: (readonly OutspendDescription[])[] = [];
  for (const txid of txids) {
    const isId = /^[0-9a-fA-F]{64}$/.test(txid);
    const found = isId ? await call.lookup.transaction(readHash<Txid>(txid)) : undefined;
    all.push(found === undefined ? [] : await outspendsOf(found, call));
  }
  return all;
}

async function outspendsOf(
  { transaction: { txid, outputs } }: LocatedTransaction,
  { lookup }: Call,
): Promise<readonly OutspendDescription[]> {
  const all: OutspendDescription[] = [];
  for (const [vout, { scriptPubKey }] of outputs.entries()) {
    const isSpendable = !isUnspendable(scriptPubKey);
    all.push(describeOutspend(isSpendable ? await lookup.spender({ txid, vout }) : undefined));
  }
  return all;
}

/** The body is the transaction in hex. */
export const broadcast: Route = async ({ host, body }) =>
  text(String(await ask(host, "sendrawtransaction", [body.trim()])));

/** The same by GET, which electrs has kept for old callers. */
export const broadcastByGet: Route = async (call) => {
  const hex = call.query.get("tx");
  if (hex === null) throw badRequest("Missing tx");
  return broadcast({ ...call, body: hex });
};

export const broadcastPackage: Route = async (call) => {
  const transactions = readPackage(call.body);
  const limits = [readRate(call, "maxfeerate"), readRate(call, "maxburnamount")];
  const given = limits.slice(0, limits[1] === undefined ? 1 : 2);
  const params = limits.every((each) => each === undefined) ? [] : given.map((each) => each ?? 0.1);
  return json(await ask(call.host, "submitpackage", [transactions, ...params]));
};

export const testTransactions: Route = async (call) => {
  const transactions = readPackage(call.body);
  const rate = readRate(call, "maxfeerate");
  const params = rate === undefined ? [] : [rate];
  return json(await ask(call.host, "testmempoolaccept", [transactions, ...params]));
};

function readPackage(body: string): readonly string[] {
  const transactions = readTexts(body, Number.POSITIVE_INFINITY);
  if (transactions.length > MAX_TOGETHER) {
    throw badRequest(`Exceeded maximum of ${MAX_TOGETHER} transactions`);
  }
  for (const [i, hex] of transactions.entries()) {
    if (hex.length < MIN_HEX || hex.length >= MAX_HEX) {
      throw badRequest(`Invalid transaction size for item ${i}`);
    }
    if (!/^([0-9a-fA-F]{2})*$/.test(hex)) {
      throw badRequest(`Invalid transaction hex for item ${i}`);
    }
  }
  return transactions;
}

function readRate({ query }: Call, name: string): number | undefined {
  const given = query.get(name);
  if (given === null) return undefined;
  const value = Number(given);
  if (given.trim() === "" || !Number.isFinite(value)) throw badRequest(`Invalid ${name}`);
  return value;
}

interface InBlock {
  readonly node: HeaderNode;
  readonly position: number;
  readonly txids: readonly Txid[];
}

/** @throws EsploraError 404 */
async function inBlock({ host: { chain }, lookup, parts }: Call): Promise<InBlock> {
  const { node, position = 0 } = (await lookup.transaction(readHash<Txid>(parts[0]))) ?? {};
  const block = node && (await chain.getBlock(node.hash));
  if (node === undefined || block === undefined) {
    throw notFound("Transaction not found or is unconfirmed");
  }
  return { node, position, txids: block.transactions.map(({ txid }) => txid) };
}
