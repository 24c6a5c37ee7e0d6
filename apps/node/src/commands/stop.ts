import { setTimeout as delay } from "node:timers/promises";
import type { Milliseconds } from "@chain/core";
import { isAlive, parseIdentity, UserError } from "@chain/fullnode";
import {
  type Context,
  formatJson,
  type IdentityFlags,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";
import { needControl } from "../running.ts";

/** Milliseconds. */
const LONGEST_WAIT: Milliseconds = 30_000;
const LOOK_EVERY = 25;

export function addStop(program: Command, { env, io }: Context): void {
  const command = program
    .command("stop")
    .description("end the running node, and wait until it has")
    .option("--json", "print JSON");
  withExamples(withIdentity(command), "NODE_ID=3000 chain-node stop").action(
    async (flags: IdentityFlags & { readonly json?: true }) => {
      const control = await needControl(
        parseIdentity(flags, env),
        flags,
        "there is nothing to stop",
      );
      try {
        await control.call("stop");
      } catch (error) {
        // It may have ended before its answer was out.
        if (!(error instanceof UserError) || error.code !== "uncertain") throw error;
      }
      const deadline = performance.now() + LONGEST_WAIT;
      while (isAlive(control.pid)) {
        if (performance.now() > deadline) {
          const message = `node ${control.nodeId} (process ${control.pid}) takes long to stop`;
          throw new UserError("unreachable", message);
        }
        await delay(LOOK_EVERY);
      }
      const { nodeId, pid } = control;
      const text = `node ${nodeId} has stopped\n`;
      await io.write(flags.json ? formatJson({ node_id: nodeId, pid }) : text);
    },
  );
}
