/** Tells a light node what it should look for. */
import { bytesToHex, type Seconds } from "@chain/core";
import type { ControlClient } from "@chain/fullnode";
import type { Wallet } from "@chain/wallet";

/** Scripts told in one call. */
const AT_ONCE = 10_000;
/** The last that the call takes, which has 32 bits and a sign. Seconds since 1970. */
const MAX_TIME: Seconds = 2 ** 31 - 1;

/**
 * Has a light node watch the scripts of a wallet from the birthday of its oldest key on; and those of imported keys and
 * of others from the first block on, because nobody knows how old they are. A script that is watched already costs nothing.
 */
export async function watchFor(
  node: ControlClient,
  wallet: Wallet | undefined,
  others: readonly Uint8Array[] = [],
): Promise<void> {
  const keys = wallet?.keys ?? [];
  const made = keys.filter(({ imported }) => imported !== true);
  const birthday = made.reduce((oldest, { created }) => Math.min(oldest, created), MAX_TIME);
  const own = made.map(({ script }) => bytesToHex(script));
  await watch(node, own, birthday);
  const known = new Set(own);
  const imported = keys.map(({ script }) => script);
  const foreign = [...imported, ...others].map(bytesToHex).filter((script) => !known.has(script));
  await watch(node, foreign, 0);
}

async function watch(
  node: ControlClient,
  all: readonly string[],
  timestamp: Seconds,
): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) {
    await node.call("watchscripts", { scripts: all.slice(at, at + AT_ONCE), timestamp });
  }
}
