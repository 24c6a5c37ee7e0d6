/** Checks of what a node is started with, for callers in plain JavaScript: each field by name. */
import { requireBytes, requireOptions } from "@chain/core/arguments";
import { requireIdentity, requireNetwork } from "../checks.ts";
import type { NodeConfig } from "./config.ts";

/** @throws ArgumentError */
export function requireConfig(config: NodeConfig): void {
  requireOptions(config, "config", {
    identity: "object",
    role: "string?",
    mineWhen: "number?",
    connect: "array?",
    addNodes: "array?",
    seedNodes: "array?",
    dnsSeeds: "boolean?",
    proxies: "object?",
    networkActive: "boolean?",
    bind: "array?",
    maxUpload: "number?",
    permissions: "array?",
    banTime: "number?",
    blocksOnly: "boolean?",
    peerBlockFilters: "boolean?",
    peerBloomFilters: "boolean?",
    maxConnections: "number?",
    handshakeTimeout: "number?",
    comments: "array?",
    persistMempool: "boolean?",
    estimatedFee: "bigint?",
    mockTime: "number?",
    doors: "object?",
    indexes: "object?",
    notify: "object?",
    wallets: "object?",
    zmq: "object?",
    zmqHighWaterMarks: "object?",
    captureMessages: "boolean?",
    rebuild: "string?",
    loadBlocks: "array?",
    genesis: "object?",
    rpc: "object?",
    log: "function?",
    logging: "object?",
    logPath: "string?",
  });
  const { identity, payTo } = config;
  requireIdentity(identity, "identity");
  requireNetwork(identity.network, "identity.network");
  if (payTo !== undefined) requireBytes(payTo, "payTo");
}
