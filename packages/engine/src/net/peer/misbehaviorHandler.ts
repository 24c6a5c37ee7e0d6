import type { HashId, Refusal } from "@chain/core";
import { MAX_REJECT_REASON } from "@chain/wire";
import type { PeerId } from "../../events.ts";
import type { Log, LogLevel } from "../../ports.ts";
import { disconnect, type NetAction, sendMessage } from "../kit/actions.ts";
import type { Peer } from "./peer.ts";
import { type Penalty, rejectCode } from "./penalty.ts";

/** So many log lines about the refusals of one peer are shown by default, because a peer must not fill the log. */
const MAX_LINES = 100;

export interface MisbehaviorHandlerOptions {
  readonly log: Log;
  readonly perform: (actions: readonly NetAction[]) => void;
  /** Whether a peer understands `reject`. */
  readonly hearsReasons: (peer: PeerId) => boolean;
}

/** Says why data of a peer was refused, to the peer and to the log, and disconnects a peer that broke a rule. */
export class MisbehaviorHandler {
  readonly #options: MisbehaviorHandlerOptions;

  constructor(options: MisbehaviorHandlerOptions) {
    this.#options = options;
  }

  /** Sends `reject` to a peer that understands it (BIP-0061). @param command of the message that was refused */
  reject(peer: PeerId, command: string, refusal: Refusal, hash?: HashId): void {
    const { hearsReasons, perform } = this.#options;
    if (!hearsReasons(peer)) return;
    const reason = refusal.reason.slice(0, MAX_REJECT_REASON);
    const code = rejectCode(refusal);
    const fields = { command: "reject", rejected: command, code, reason } as const;
    perform([sendMessage(peer, hash === undefined ? fields : { ...fields, hash })]);
  }

  /** Logs the refusal, and disconnects the peer if it is to be punished. Core: MaybePunishNodeForBlock. */
  punish(peer: Peer, what: string, refusal: Refusal, penalty: Penalty): void {
    const { log, perform } = this.#options;
    const { reason, debug } = refusal;
    const text = `refused ${what} from ${peer.name}: ${reason}${debug === undefined ? "" : ` (${debug})`}`;
    const level = penalty === "none" ? nextLogLevel(peer) : "warn";
    log(level, "net", text, { peer: peer.id, reason, ...(debug !== undefined && { debug }) });
    if (penalty === "misbehaving") perform([disconnect(peer.id, reason, true)]);
  }
}

/** The level of one more log line about a peer: its first lines are `info`, later ones `debug`. */
export function nextLogLevel(peer: Peer): LogLevel {
  return ++peer.lines > MAX_LINES ? "debug" : "info";
}
