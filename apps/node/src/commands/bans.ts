import type { Seconds } from "@chain/core";
import {
  type ControlClient,
  formatTime,
  parseIdentity,
  quote,
  RpcError,
  UserError,
} from "@chain/fullnode";
import {
  type Context,
  formatDuration,
  formatJson,
  formatTable,
  type IdentityFlags,
  parseWhole,
  withExamples,
  withIdentity,
} from "@chain/terminal";
import type { Command } from "commander";
import { needControl } from "../running.ts";

interface Flags extends IdentityFlags {
  readonly add?: string;
  readonly for?: string;
  readonly remove?: string;
  readonly clear?: true;
  readonly json?: true;
}

/** A hundred years. Seconds. */
const LONGEST: Seconds = 100 * 366 * 24 * 60 * 60;

export function addBans(program: Command, { env, io }: Context): void {
  const command = program
    .command("bans")
    .description("list the hosts that the running node refuses, and change that")
    .option("--add <subnet>", "ban an address, or a subnet such as 10.1.0.0/16")
    .option("--for <seconds>", "how long the new ban lasts (default: a day)")
    .option("--remove <subnet>", "take a ban back")
    .option("--clear", "take all bans back")
    .option("--json", "print JSON");
  withExamples(
    withIdentity(command),
    "NODE_ID=3000 chain-node bans",
    "NODE_ID=3000 chain-node bans --add 10.1.0.0/16 --for 3600",
  ).action(async (flags: Flags) => {
    const { add, remove, clear } = flags;
    if ([add, remove, clear].filter((flag) => flag !== undefined).length > 1) {
      throw new UserError("usage", "only one of --add, --remove and --clear at a time");
    }
    if (flags.for !== undefined && add === undefined) {
      throw new UserError("usage", "--for goes with --add");
    }
    const bantime = flags.for === undefined ? 0 : parseWhole(flags.for, "--for", 1, LONGEST);
    const control = await needControl(parseIdentity(flags, env), flags);
    if (add !== undefined) await setBan(control, { subnet: add, command: "add", bantime });
    if (remove !== undefined) await setBan(control, { subnet: remove, command: "remove" });
    if (clear) await control.call("clearbanned");
    const bans = await control.call("listbanned");
    if (flags.json) {
      await io.write(formatJson(bans));
      return;
    }
    const rows = bans.map(({ address, banned_until, time_remaining }) => [
      address,
      formatTime(banned_until),
      formatDuration(time_remaining),
    ]);
    const head = ["subnet", "until (UTC)", "left"];
    await io.write(rows.length === 0 ? "no bans\n" : formatTable([head, ...rows], [2]));
  });
}

async function setBan(
  control: ControlClient,
  params: Readonly<Record<string, string | number>>,
): Promise<void> {
  try {
    await control.call("setban", params);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    // Core's text begins with a word that the line has already.
    const message = error.message.replace(/^Error: /, "");
    throw new UserError("refused", `${quote(String(params["subnet"]))}: ${message}`, {
      cause: error,
    });
  }
}
