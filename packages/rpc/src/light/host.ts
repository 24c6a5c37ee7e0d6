import type { LightNode } from "@chain/light";
import type { HeaderHost } from "../host.ts";

/** A light node behind the methods: it has headers, and the transactions of the scripts that it watches. */
export interface LightHost extends HeaderHost {
  readonly light: Pick<
    LightNode,
    | "balance"
    | "broadcast"
    | "fate"
    | "forget"
    | "isTipCurrent"
    | "peers"
    | "pending"
    | "subscribe"
    | "transaction"
    | "watch"
    | "watched"
  >;
  /** Warnings for the operator. */
  readonly warnings: () => readonly string[];
}
