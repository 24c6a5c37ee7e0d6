import type { Command } from "commander";
import type { Context } from "../context.ts";
import { formatJson, formatTable } from "../format.ts";
import { parseIdentity } from "../identity.ts";
import { type IdentityFlags, withExamples, withIdentity } from "../program.ts";
import { needControl } from "../running.ts";

interface Flags extends IdentityFlags {
  readonly json?: true;
}

export function addPeers(program: Command, { env, io }: Context): void {
  const command = program
    .command("peers")
    .description("list the peers of the running node")
    .option("--json", "print JSON");
  withExamples(withIdentity(command), "NODE_ID=3000 chain-node peers").action(
    async (flags: Flags) => {
      const control = await needControl(parseIdentity(flags, env));
      const peers = await control.call("getpeerinfo");
      if (flags.json) {
        await io.write(formatJson(peers));
        return;
      }
      const rows = peers.map((peer) => [
        peer.addr,
        peer.inbound ? "in" : "out",
        peer.subver === "" ? "-" : peer.subver,
        peer.synced_headers < 0 ? "-" : String(peer.synced_headers),
        peer.pingtime === undefined ? "-" : `${Math.round(peer.pingtime * 1000)} ms`,
        `${peer.bytesrecv} / ${peer.bytessent}`,
      ]);
      const head = ["address", "", "agent", "height", "ping", "bytes in / out"];
      await io.write(rows.length === 0 ? "no peers\n" : formatTable([head, ...rows], [3, 4]));
    },
  );
}
