import { setTimeout as wait } from "node:timers/promises";
import type { Milliseconds, Seconds } from "@chain/core";
import { type PeerDescription, parseIdentity } from "@chain/fullnode";
import {
  type Context,
  formatDuration,
  formatJson,
  formatTable,
  type IdentityFlags,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import { formatAmount } from "@chain/wallet";
import type { Command } from "commander";
import { needControl } from "../running.ts";

interface Flags extends IdentityFlags {
  readonly json?: true;
  readonly watch?: true;
}

/** How often `--watch` looks. Milliseconds. */
const INTERVAL: Milliseconds = 1_000;
/** To the corner, and nothing behind it. */
const CLEAR = "\u001b[H\u001b[J";

const HEAD = ["peer", "address", "", "agent", "height", "ping", "received", "sent", "for"];
const NUMBERS = [0, 4, 5, 6, 7, 8];

export function addPeers(program: Command, { env, io }: Context): void {
  const command = program
    .command("peers")
    .description("list the peers of the running node")
    .option("--watch", "again each second, until Ctrl-C")
    .option("--json", "print JSON");
  withExamples(
    withIdentity(command),
    "NODE_ID=3000 chain-node peers",
    "NODE_ID=3000 chain-node peers --watch",
  ).action(async (flags: Flags) => {
    const identity = parseIdentity(flags, env);
    const show = async () => {
      const control = await needControl(identity, flags);
      const peers = await control.call("getpeerinfo");
      const clear = flags.watch && io.colour ? CLEAR : "";
      const text = flags.json
        ? formatJson(peers.map(withExactFee))
        : tableOf(peers, Date.now() / 1000);
      await io.write(`${clear}${text}`);
    };
    await show();
    if (!flags.watch) return;
    const end = new AbortController();
    const forget = io.onStop(() => end.abort());
    while (!end.signal.aborted) {
      await wait(INTERVAL, undefined, { signal: end.signal }).catch(() => {});
      if (!end.signal.aborted) await show();
    }
    forget();
  });
}

/** Amounts are exact texts in all that the programs print, and numbers in the RPC, as in Core. */
function withExactFee(peer: PeerDescription): object {
  return { ...peer, minfeefilter: formatAmount(BigInt(Math.round(peer.minfeefilter * 1e8))) };
}

/** @param now seconds since 1970 */
function tableOf(peers: readonly PeerDescription[], now: Seconds): string {
  if (peers.length === 0) return "no peers\n";
  const rows = peers.map((peer) => {
    // Those that have not told of a block said hello at this height.
    const height = Math.max(peer.synced_headers, peer.startingheight);
    return [
      String(peer.id),
      peer.addr,
      peer.inbound ? "in" : "out",
      peer.subver === "" ? "-" : peer.subver,
      height < 0 ? "-" : String(height),
      peer.pingtime === undefined ? "-" : `${Math.round(peer.pingtime * 1000)} ms`,
      String(peer.bytesrecv),
      String(peer.bytessent),
      formatDuration(now - peer.conntime),
    ];
  });
  return formatTable([HEAD, ...rows], NUMBERS);
}
