/** Addresses below `/block`, `/blocks` and `/block-height`. Electrs: rest.rs. */
import { type Block, type BlockHash, bytesToHex, type HeaderNode } from "@chain/core";
import { badRequest, bytes, json, notFound, text } from "../answers.ts";
import { type Call, foundHeader, type Route, readHash, readNumber, readNumberOr } from "../call.ts";
import { type BlockDescription, describeBlock } from "../describe/block.ts";
import { describeTransactions } from "../describe/transaction.ts";

/** Transactions of one answer. */
const PAGE = 25;
/** Blocks of one answer. */
const BLOCKS = 10;

export const tipHash: Route = async ({ host: { chain } }) => text(chain.tip.hash);

export const tipHeight: Route = async ({ host: { chain } }) => text(chain.tip.height);

export const blockHashAt: Route = async ({ host: { chain }, parts }) => {
  const height = readNumber(parts[0]);
  const node = chain.headers.activeAt(height);
  if (node === undefined) throw notFound("Block not found");
  return text(node.hash);
};

export const block: Route = async (call) => {
  const { node, body } = await foundBlock(call);
  return json(describeBlock(body, node), true);
};

/** One that is unknown is in no chain, as in electrs. */
export const blockStatus: Route = async ({ host: { chain }, parts }) => {
  const node = chain.headers.get(readHash<BlockHash>(parts[0]));
  if (node === undefined || !chain.headers.isActive(node)) {
    return json({ in_best_chain: false, height: null, next_best: null });
  }
  const next = chain.headers.activeAt(node.height + 1)?.hash ?? null;
  const status = { in_best_chain: true, height: node.height, next_best: next };
  return json(status);
};

export const blockHeader: Route = async (call) => {
  const node = foundHeader(call, readHash<BlockHash>(call.parts[0]));
  return text(bytesToHex(node.header.toBytes()), true);
};

export const blockRaw: Route = async (call) => {
  const hash = readHash<BlockHash>(call.parts[0]);
  const raw = await call.host.chain.getRawBlock(foundHeader(call, hash).hash);
  if (raw === undefined) throw notFound("Block not found");
  return bytes(raw);
};

export const blockTxids: Route = async (call) => {
  const { body } = await foundBlock(call);
  return json(
    body.transactions.map(({ txid }) => txid),
    true,
  );
};

export const blockTxid: Route = async (call) => {
  const hash = readHash<BlockHash>(call.parts[0]);
  const index = readNumber(call.parts[1]);
  const { body } = await foundBlock(call, hash);
  const transaction = body.transactions[index];
  if (transaction === undefined) throw notFound("tx index out of range");
  return text(transaction.txid, true);
};

/** A page of the transactions of a block. */
export const blockTransactions: Route = async (call) => {
  const { node, body } = await foundBlock(call);
  const start = readNumberOr(call.parts[1], 0);
  if (start >= body.transactions.length) throw notFound("start index out of range");
  if (start % PAGE !== 0) {
    throw badRequest(`start index must be a multipication of ${PAGE}`);
  }
  return describePart(call, { node, body }, start, PAGE);
};

/** All of them at once. mempool.space's, for its own backend. */
export const allBlockTransactions: Route = async (call) => {
  const found = await foundBlock(call);
  return describePart(call, found, 0, found.body.transactions.length);
};

async function describePart(
  { host: { chain }, lookup }: Call,
  { node, body }: { readonly node: HeaderNode; readonly body: Block },
  start: number,
  count: number,
) {
  const located = body.transactions
    .slice(start, start + count)
    .map((transaction, i) => ({ transaction, node, position: start + i }));
  const described = await describeTransactions(located, lookup, chain.params);
  if (chain.headers.isActive(node)) return json(described);
  return json(described.map((each) => ({ ...each, status: { confirmed: false } })));
}

/** The last blocks of the best chain, or those up to a height. */
export const lastBlocks: Route = async (call) =>
  json(await blocksDown(call, BLOCKS, describeBlock));

/** Blocks from the height that a call names, or from the tip, down. @throws EsploraError 404 */
export async function blocksDown<Description = BlockDescription>(
  call: Call,
  count: number,
  describe: (block: Block, node: HeaderNode) => Description | Promise<Description>,
): Promise<readonly Description[]> {
  const { chain } = call.host;
  const height = readNumberOr(call.parts[0], chain.tip.height);
  const described: Description[] = [];
  let node = chain.headers.activeAt(height);
  if (node === undefined) throw notFound("Block not found");
  for (; node !== undefined && described.length < count; node = node.parent) {
    const { body } = await foundBlock(call, node.hash);
    described.push(await describe(body, node));
  }
  return described;
}

/** @throws EsploraError 400, 404 */
export async function foundBlock(
  call: Call,
  hash: BlockHash = readHash<BlockHash>(call.parts[0]),
): Promise<{ readonly node: HeaderNode; readonly body: Block }> {
  const node = foundHeader(call, hash);
  const body = await call.host.chain.getBlock(node.hash);
  if (body === undefined) throw notFound("Block not found");
  return { node, body };
}
