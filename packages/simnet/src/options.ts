import type { Milliseconds, SignatureVerifier } from "@chain/core";
import type { MempoolLimits, NodeOptions, PeerAddress } from "@chain/engine";
import type { SimulationEvent } from "./eventLog.ts";
import type { HostOptions } from "./host.ts";
import type { NetworkOptions } from "./network.ts";
import type { Settle } from "./virtualTime.ts";

export interface SimulationOptions {
  /** Equal seeds, and equal calls, make equal histories. */
  readonly seed: number;
  readonly settle: Settle;
  /** Checks signatures, once for all nodes; default: in plain JavaScript. */
  readonly verifier?: SignatureVerifier;
  /** Mean time between two blocks; default ten minutes. Milliseconds. */
  readonly blockInterval?: Milliseconds;
  /** Mean time between two payments; default a minute. Milliseconds. */
  readonly paymentInterval?: Milliseconds;
  readonly lossRate?: NetworkOptions["lossRate"];
  readonly latency?: NetworkOptions["latency"];
  /** Limits of every node. */
  readonly mempool?: Partial<MempoolLimits>;
  readonly engine?: Pick<NodeOptions, "maxInbound" | "idleTickInterval" | "timeouts">;
  readonly onEvent?: (event: SimulationEvent) => void;
  /** The command that runs this again, for messages about what went wrong. */
  readonly replay?: string;
}

export interface NodeSettings {
  readonly name?: string;
  readonly host?: Partial<HostOptions>;
  /** Share of all blocks that it finds, in relation to the others. Default 1. */
  readonly weight?: number;
  /** Nodes to stay connected to. */
  readonly connect?: readonly { readonly address: PeerAddress }[];
  /** Find others by gossip; `seeds` are asked first. Default: call only the nodes of `connect`. */
  readonly discovery?: boolean;
  readonly seeds?: readonly { readonly address: PeerAddress }[];
}
