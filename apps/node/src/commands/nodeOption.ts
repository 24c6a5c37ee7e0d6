/** An option of `startnode`. */
import type { LogCategory } from "@chain/engine";
import type { Network, NodeConfig, NodeRole } from "@chain/fullnode";
import type { OptionRow } from "@chain/terminal";
import type { LogFormat, LogLevel } from "../logOptions.ts";

/** All that the options of `startnode` set. */
export interface Settings
  extends Partial<Omit<NodeConfig, "identity" | "log" | "role" | "wallets">> {
  /** `spv`: a light node, which keeps no chain. */
  readonly role?: NodeRole | "spv";
  /** `false`: the RPC knows no wallets. */
  readonly wallets?: NonNullable<NodeConfig["wallets"]> | false;
  readonly logFormat?: LogFormat;
  readonly logLevel?: LogLevel;
  readonly logCategories?: readonly LogCategory[];
}

/** One option as it was typed. */
export interface Given {
  /** The texts behind it, one each time; empty behind a switch. */
  readonly texts: readonly string[];
  /** The same of one that may be given once. */
  readonly text: string;
  /** As help has it, for errors. */
  readonly flag: string;
  readonly network: Network;
}

export interface NodeOption extends OptionRow {
  readonly group:
    | "role"
    | "peers"
    | "limits"
    | "chain"
    | "relay"
    | "RPC"
    | "doors"
    | "wallets"
    | "notifications"
    | "log";
  /** @throws UserError `usage`. */
  readonly set: (given: Given) => Settings | Promise<Settings>;
}
