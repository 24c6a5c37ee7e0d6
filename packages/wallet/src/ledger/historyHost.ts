import type { Outpoint, Seconds } from "@chain/core";
import type { Journal } from "./records.ts";
import type { ChainPosition } from "./types.ts";

/** The rest of the wallet, as the history of its transactions needs it. */
export interface HistoryHost {
  readonly journal: Journal;
  readonly now: () => Seconds;
  readonly maturity: number;
  readonly takeOrder: () => number;
  readonly tip: () => ChainPosition | undefined;
  readonly isMine: (script: Uint8Array) => boolean;
  /** Its addresses up to this one count as given. */
  readonly markUsed: (script: Uint8Array) => void;
  readonly avoidReuse: () => boolean;
  readonly isSpentScript: (script: Uint8Array) => boolean;
  /** @returns whether it was not marked before */
  readonly markSpentScript: (script: Uint8Array) => boolean;
  readonly unlockCoin: (outpoint: Outpoint) => void;
  readonly spendUnconfirmedChange: () => boolean;
  readonly noteTime: (time: Seconds) => void;
}
