/** Names that examples in docstrings use. */

import { EventEmitter } from "node:events";
import * as core from "@chain/core";
import type { Scope } from "@chain/testing/docExamples";
import { createSession, NODE_NETWORK, netAddress } from "../src/index.ts";

export function exampleScope(): Scope {
  const config = {
    direction: "outbound",
    magic: core.regtest.magic,
    nonce: 7n,
    isOwnNonce: (other: bigint) => other === 7n,
    randomNonce: () => 1n,
    services: NODE_NETWORK,
    userAgent: "/example:1.0/",
    startHeight: () => 0,
    relay: true,
    receiver: netAddress("127.0.0.1", 18444),
    sender: netAddress("127.0.0.1", 18445),
  } as const;
  const now = 1_800_000_000_000;
  return { ...core, config, now, socket: new EventEmitter(), session: createSession(config) };
}
