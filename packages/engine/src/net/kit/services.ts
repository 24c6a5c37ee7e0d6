/** The services that peers claim to offer, and their use for us. */
import type { Milliseconds, Seconds } from "@chain/core";
import { NODE_BLOOM, NODE_NETWORK, NODE_NETWORK_LIMITED, NODE_WITNESS } from "@chain/wire";

/** The services that a node offers which has all blocks. */
export const OUR_SERVICES: bigint = NODE_NETWORK | NODE_WITNESS | NODE_NETWORK_LIMITED;

/** The same of one that may have pruned its old blocks (BIP-0159). */
export const PRUNED_SERVICES: bigint = NODE_WITNESS | NODE_NETWORK_LIMITED;

/** The services that a peer with these permissions is offered. Core: PeerManagerImpl::InitializeNode. */
export function offeredTo(services: bigint, permissions: ReadonlySet<string>): bigint {
  return permissions.has("bloomfilter") ? services | NODE_BLOOM : services;
}

/** Whether it has blocks, all or the last 288 (BIP-0159). */
export function servesBlocks(services: bigint): boolean {
  return (services & (NODE_NETWORK | NODE_NETWORK_LIMITED)) !== 0n;
}

/** Whether it has but the last 288 blocks. */
export function isPruned(services: bigint): boolean {
  return (services & NODE_NETWORK) === 0n;
}

/** A pruned peer is of use while the tip is fewer blocks old than this. Core: NODE_NETWORK_LIMITED_ALLOW_CONN_BLOCKS. */
const MAX_DEPTH_FOR_PRUNED = 144;

/**
 * Whether a pruned peer has all the blocks that we lack, as far as the time of our tip tells. Core:
 * PeerManagerImpl::ApproximateBestBlockDepth.
 * @param tipTime seconds since 1970
 * @param now milliseconds since 1970
 * @param spacing seconds between blocks
 */
export function isTipRecent(tipTime: Seconds, now: Milliseconds, spacing: Seconds): boolean {
  return Math.trunc((Math.floor(now / 1000) - tipTime) / spacing) < MAX_DEPTH_FOR_PRUNED;
}

/**
 * Whether it is worth a place among those that we call. Core: HasAllDesirableServiceFlags.
 * @param tipRecent see `isTipRecent`: when false, a pruned peer does not have the blocks that we need
 */
export function isWorthCalling(services: bigint, tipRecent: boolean): boolean {
  const desirable = desirableServices(services, tipRecent);
  return (services & desirable) === desirable;
}

/**
 * The services that we want of a peer that offers these. Core: GetDesirableServiceFlags.
 * @param tipRecent see `isTipRecent`
 */
export function desirableServices(services: bigint, tipRecent: boolean): bigint {
  const isEnough = tipRecent && (services & NODE_NETWORK_LIMITED) !== 0n;
  return NODE_WITNESS | (isEnough ? NODE_NETWORK_LIMITED : NODE_NETWORK);
}
