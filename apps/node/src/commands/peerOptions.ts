/** Options of `startnode` about whom to trust and how much, and for tests, in Core's words. */

import type { DeploymentHeights } from "@chain/core";
import { type PermissionRule, parsePermissionRule } from "@chain/engine";
import { type NodeConfig, quote, UserError } from "@chain/fullnode";
import { parseWhole } from "@chain/terminal";
import { parseAmount } from "@chain/wallet";
import type { Command } from "commander";

export interface PeerFlags {
  readonly whitelist?: readonly PermissionRule[];
  readonly blocksonly?: boolean;
  readonly maxconnections?: string;
  readonly peertimeout?: string;
  readonly minimumchainwork?: string;
  readonly minrelaytxfee?: string;
  readonly uacomment?: readonly string[];
  readonly testactivationheight?: Partial<DeploymentHeights>;
}

const MAX_RULES = 100;
const MAX_CONNECTIONS = 10_000;
/** Seconds. Core's tests ask for 999,999,999. */
const MAX_PEER_TIMEOUT = 2 ** 31 - 1;
const RULES = {
  segwit: "segwit",
  bip34: "bip34",
  dersig: "bip66",
  cltv: "bip65",
  csv: "csv",
} as const satisfies Record<string, keyof DeploymentHeights>;
const MAX_HEIGHT = 2 ** 31 - 1;
/** In all: a user agent has 256 characters. */
const MAX_COMMENT = 100;

export function addPeerOptions(command: Command): Command {
  return command
    .option(
      "--whitelist <[permissions@]subnet>",
      "what callers from there may do: noban, relay, forcerelay, mempool, download, addr or all, with commas; may be given more than once",
      (text: string, before: readonly PermissionRule[] = []) => [...before, parseRule(text)],
    )
    .option("--blocksonly", "take no transactions from peers")
    .option("--maxconnections <number>", "connections at a time, in all (default: 125)")
    .option(
      "--peertimeout <seconds>",
      "part with who has not finished the handshake by then (default: 60)",
    )
    .option(
      "--minimumchainwork <hex>",
      "believe no chain of less work (default: that of the network)",
    )
    .option("--minrelaytxfee <coins>", "relay no transaction that pays less for 1,000 bytes")
    .option(
      "--uacomment <text>",
      "to be told to peers with the name of the software; may be given more than once",
      (text: string, before: readonly string[] = []) => [...before, parseComment(text)],
    )
    .option(
      "--testactivationheight <rule@height>",
      `from where a rule holds, on regtest alone: one of ${Object.keys(RULES).join(", ")}; may be given more than once`,
      (text: string, before: Partial<DeploymentHeights> = {}) => ({
        ...before,
        ...parseActivation(text),
      }),
    );
}

export function peerConfig({
  whitelist,
  blocksonly,
  maxconnections,
  peertimeout,
  minimumchainwork,
  uacomment,
  testactivationheight,
}: PeerFlags): Partial<NodeConfig> {
  if (whitelist !== undefined && whitelist.length > MAX_RULES) {
    throw new UserError("usage", `--whitelist can be given ${MAX_RULES} times at most`);
  }
  if (uacomment !== undefined && uacomment.join("; ").length > MAX_COMMENT) {
    throw new UserError("usage", `--uacomment is too long: ${MAX_COMMENT} characters in all`);
  }
  return {
    ...(whitelist !== undefined && { permissions: whitelist }),
    ...(blocksonly !== undefined && { blocksOnly: blocksonly }),
    ...(maxconnections !== undefined && {
      maxConnections: parseWhole(maxconnections, "--maxconnections", 0, MAX_CONNECTIONS),
    }),
    ...(peertimeout !== undefined && {
      handshakeTimeout: parseWhole(peertimeout, "--peertimeout", 1, MAX_PEER_TIMEOUT) * 1000,
    }),
    ...(minimumchainwork !== undefined && { minimumChainWork: parseWork(minimumchainwork) }),
    ...(uacomment !== undefined && { comments: uacomment }),
    ...(testactivationheight !== undefined && { deployments: testactivationheight }),
  };
}

/** Base units for 1,000 virtual bytes. */
export function parseFeeRate(text: string): bigint {
  const parsed = parseAmount(text, { allowZero: true });
  if (parsed.ok) return parsed.amount;
  throw new UserError("usage", `--minrelaytxfee ${quote(text)}: ${parsed.reason}`);
}

function parseRule(text: string): PermissionRule {
  const rule = parsePermissionRule(text);
  if (rule !== undefined) return rule;
  const example = "noban,relay@10.0.0.0/8";
  throw new UserError("usage", `--whitelist must be like ${example}, not ${quote(text)}`);
}

/** Core: -testactivationheight, with its names for the rules. */
function parseActivation(text: string): Partial<DeploymentHeights> {
  const [name = "", height = "", ...more] = text.split("@");
  const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof typeof RULES] : undefined;
  if (rule === undefined || more.length > 0) {
    const message = `--testactivationheight must be like segwit@100, not ${quote(text)}`;
    throw new UserError("usage", message);
  }
  return { [rule]: parseWhole(height, "--testactivationheight", 0, MAX_HEIGHT) };
}

/** Core: -minimumchainwork takes a number in hex, with or without 0x. */
function parseWork(text: string): bigint {
  if (/^(0x)?[0-9a-f]{1,64}$/i.test(text)) return BigInt(`0x${text.replace(/^0x/i, "")}`);
  throw new UserError("usage", `--minimumchainwork must be a number in hex, not ${quote(text)}`);
}

/** BIP-0014 keeps `/`, `:`, `(` and `)` for itself. */
function parseComment(text: string): string {
  if (/^[a-zA-Z0-9 .,;\-_?@]+$/.test(text)) return text;
  const message = `--uacomment takes letters, digits and .,;-_?@ alone, not ${quote(text)}`;
  throw new UserError("usage", message);
}
