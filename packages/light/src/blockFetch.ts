import {
  Block,
  BlockHeader,
  type ChainParams,
  checkBlock,
  checkWitnessCommitment,
  HEADER_SIZE,
  type HeaderNode,
  isChainError,
  type Milliseconds,
  Reader,
  refuse,
  type Verdict,
} from "@chain/core";
import type { PeerId } from "@chain/engine";
import { MSG_WITNESS_BLOCK } from "@chain/wire";
import type { HeaderChain } from "./headerChain.ts";
import type { Requests } from "./requests.ts";

/** How long one peer may take to send a block before the next is asked. Milliseconds. */
const BLOCK_TIMEOUT: Milliseconds = 20_000;

interface BlockFetchOptions {
  readonly params: ChainParams;
  readonly headers: HeaderChain;
  readonly requests: Requests;
  /** Peers to ask for a block, in this order. */
  readonly sources: (node: HeaderNode) => readonly PeerId[];
  readonly ban: (peer: PeerId, reason: string) => void;
}

/**
 * Fetches a block from one peer after the other until one gives what its header commits to. One that breaks a rule by
 * itself makes its header invalid.
 * @returns undefined where no peer has it, or it turned out to be invalid
 */
export async function fetchBlock(
  node: HeaderNode,
  options: BlockFetchOptions,
): Promise<Block | undefined> {
  const { params, headers, ban } = options;
  for (const peer of options.sources(node)) {
    const raw = await askFor(node, peer, options.requests);
    if (raw === undefined) continue;
    const verdict = checkBody(raw, node.height, params);
    if (verdict.ok) return verdict.block;
    ban(peer, `block ${node.hash}: ${verdict.reason}`);
    if (verdict.kind === "mutated") continue; // another peer may have the right body
    headers.markInvalid(node, verdict.reason);
    return undefined;
  }
  return undefined;
}

function checkBody(
  raw: Uint8Array,
  height: number,
  params: ChainParams,
): Verdict<{ readonly block: Block }> {
  let block: Block;
  try {
    block = Block.read(new Reader(raw));
  } catch (error) {
    if (!isChainError(error)) throw error;
    return refuse("mutated", "unreadable", error.message);
  }
  const alone = checkBlock(block, params);
  if (!alone.ok) return alone;
  const witnesses = checkWitnessCommitment(block, height >= params.deployments.segwit);
  return witnesses.ok ? { ok: true, block } : witnesses;
}

function askFor(
  { hash }: HeaderNode,
  peer: PeerId,
  requests: Requests,
): Promise<Uint8Array | undefined> {
  const item = { type: MSG_WITNESS_BLOCK, hash };
  return requests.ask<Uint8Array | undefined>(
    peer,
    { command: "getdata", items: [item] },
    (message) => {
      if (message.command === "block") {
        const { raw } = message;
        const isIt = raw.length >= HEADER_SIZE && BlockHeader.read(new Reader(raw)).hash === hash;
        return isIt ? { answer: raw } : undefined;
      }
      const isMissing =
        message.command === "notfound" && message.items.some((each) => each.hash === hash);
      return isMissing ? { answer: undefined } : undefined;
    },
    BLOCK_TIMEOUT,
  );
}
