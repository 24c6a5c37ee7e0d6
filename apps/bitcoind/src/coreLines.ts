/**
 * Core's lines for what the engine says in its own words: harnesses and Core's functional tests wait for them. Core:
 * net.cpp, net_processing.cpp, validation.cpp.
 */
import type { Log, Node, NodeEvent, PeerId } from "@chain/engine";
import {
  encodePayload,
  MSG_BLOCK,
  MSG_CMPCT_BLOCK,
  MSG_TX,
  MSG_WITNESS_BLOCK,
  MSG_WITNESS_FLAG,
  MSG_WTX,
} from "@chain/wire";

type Fields = Parameters<Log>[3];
type Rule = readonly [pattern: RegExp, line: (found: readonly string[], peer: PeerId) => string];

/** Notes of a session or of the engine, behind the name of the peer. */
const OF_PEERS: readonly Rule[] = [
  [/: pong with a short payload$/, (_, peer) => `pong peer=${peer}: Short payload`],
  [/: pong with nonce zero$/, (_, peer) => `pong peer=${peer}: Nonce zero`],
  [/: pong with another nonce$/, (_, peer) => `pong peer=${peer}: Nonce mismatch`],
  [
    /: unsolicited pong without ping$/,
    (_, peer) =>
      `pong peer=${peer}: Unsolicited pong without ping, 0 expected, 0 received, 8 bytes`,
  ],
  [
    /: non-version message before version handshake: (.*)$/,
    ([, command = ""], peer) =>
      `non-version message before version handshake. Message "${command}" from peer=${peer}`,
  ],
  [
    /: unsupported message prior to verack: (.*)$/,
    ([, command = ""], peer) =>
      `Unsupported message "${command}" prior to verack from peer=${peer}`,
  ],
  [
    /: dropped message "(.*)" of (\d+) bytes: bad-checksum, (expected [0-9a-f]{8} was [0-9a-f]{8})$/,
    ([, command, length, sums], peer) =>
      `Header error: Wrong checksum (${command}, ${length} bytes), ${sums}, peer=${peer}`,
  ],
  [
    /: dropped message "(.*)" of (\d+) bytes: invalid-command$/,
    ([, command, length], peer) =>
      `Header error: Invalid message type (${command}, ${length} bytes), peer=${peer}`,
  ],
  [
    /: dropped message "(.*)" of \d+ bytes: unknown-command$/,
    ([, command], peer) => `Unknown message type "${command}" from peer=${peer}`,
  ],
  [
    /: unreadable message "(.*)" of (\d+) bytes: /,
    ([, command, length], peer) => `received: ${command} (${length} bytes) peer=${peer}`,
  ],
  [
    /: unreadable message "(.*)" of (\d+) bytes: (.*)$/,
    ([, command, length, why = ""]) =>
      `ProcessMessages(${command}, ${length} bytes): Exception '${exceptionOf(why)}' caught`,
  ],
  [/: redundant version message$/, (_, peer) => `redundant version message from peer=${peer}`],
  [/ (?:misbehaves|may stay): (.*)$/, ([, why = ""], peer) => `Misbehaving: peer=${peer}: ${why}`],
];

type Values = Readonly<Record<string, unknown>>;

/** Why a connection ends, where Core says in a line of its own. */
const ENDINGS: readonly Rule[] = [
  [
    /^wrong network magic ([0-9a-f]{8}), /,
    ([, magic], peer) => `Header error: Wrong MessageStart ${magic} received, peer=${peer}`,
  ],
  [
    /^message (.*) of (\d+) bytes announced, at most/,
    ([, command, length], peer) =>
      `Header error: Size too large (${command}, ${length} bytes), peer=${peer}`,
  ],
];

/** Core: ConnectionTypeAsString, where it has another word. */
const KINDS: ReadonlyMap<unknown, string> = new Map([
  ["outbound", "outbound-full-relay"],
  ["block-relay", "block-relay-only"],
]);

/** Lines for the field `event` of a line of the log. */
const EVENTS: Readonly<Record<string, (fields: Values) => readonly string[]>> = {
  "announced-again": ({ txid, wtxid, peer }) => [
    `Force relaying tx ${txid} (wtxid=${wtxid}) from peer=${peer}`,
  ],
  "not-announced-again": ({ txid, wtxid, peer }) => [
    `Not relaying non-mempool transaction ${txid} (wtxid=${wtxid}) from forcerelay peer=${peer}`,
  ],
  "unbroadcast-removed": ({ txid, isSeen }) => [
    `[mempool] Removed ${txid} from set of unbroadcast txns` +
      `${isSeen ? "" : " before confirmation that txn was sent out"}`,
  ],
  "getaddr-ignored": ({ peer, kind }) => [
    kind === "inbound"
      ? `[net] Ignoring repeated "getaddr". peer=${peer}`
      : `[net] Ignoring "getaddr" from ${KINDS.get(kind) ?? kind} connection. peer=${peer}`,
  ],
  "seed-asked": ({ seed, isEmpty }) => [
    isEmpty
      ? `Empty addrman, adding seednode (${seed}) to addrfetch`
      : `Couldn't connect to peers from addrman after 10 seconds. Adding seednode (${seed}) to addrfetch`,
  ],
  "network-active": ({ active }) => [`SetNetworkActive: ${active}`],
  "bans-created": () => ["Recreating the banlist database"],
  "addresses-added": ({ addresses, offered, source }) => {
    const all = String(addresses).split(" ");
    const sum = `Added ${all.length} addresses (of ${offered}) from ${source}`;
    return [...all.map((each) => `[addrman] Added ${each} to new`), `[addrman] ${sum}`];
  },
  "orphan-of-refused": ({ txid, wtxid }) => [
    `[mempool] not keeping orphan with rejected parents ${txid} (wtxid=${wtxid})`,
  ],
  "orphans-evicted": ({ count }) => [`[txpackages] orphanage overflow, removed ${count} tx`],
  "orphans-expired": ({ count }) => [`[txpackages] Erased ${count} orphan tx due to expiration`],
  "orphans-left": ({ count, peer }) => [
    `[txpackages] Erased ${count} orphan transaction(s) from peer=${peer}`,
  ],
  "orphans-spent": ({ count }) => [
    `[txpackages] Erased ${count} orphan transaction(s) included or conflicted by block`,
  ],
  "low-work-compact-block": ({ peer }) => [
    `[net] Ignoring low-work compact block from peer ${peer}`,
  ],
  "low-work-headers": ({ height, peer }) => [
    `[net] Ignoring low-work chain (height=${height}) from peer=${peer}`,
  ],
  "rpc-call": ({ method, user }) => [`[rpc] ThreadRPCServer method=${method} user=${user}`],
  "low-work-block": ({ hash }) => [
    `[validation] AcceptBlockHeader: not adding new block header ${hash}, missing anti-dos proof-of-work validation`,
    ...blockLines(String(hash), "too-little-chainwork", "too-little-chainwork"),
  ],
};

/** A line about refused data of a peer: its reason, and what explains it, are fields of the line. */
const REFUSED =
  /^refused (transaction|block|compact block|headers)(?: ([0-9a-f]{64}))?(?: \(wtxid=([0-9a-f]{64})\))? from /;

/** The lines for a line of the engine's log. */
export function coreLinesFor(message: string, fields: Fields): readonly string[] {
  const { peer, reason, debug, event } = fields ?? {};
  const lines =
    typeof event === "string" && Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined;
  if (lines !== undefined) return lines(fields ?? {});
  const refused = REFUSED.exec(message);
  if (refused !== null && typeof reason === "string") {
    const [, kind, hash = "", wtxid = ""] = refused;
    const state = stateOf(reason, debug);
    // Core reads a block whole before it looks at any of it.
    if (reason === "bad-block-encoding") {
      return [`[net] ProcessMessages(block): Exception '${exceptionOf(String(debug))}' caught`];
    }
    if (kind !== "transaction") return blockLines(hash, reason, state);
    return [`[mempoolrej] ${hash} (wtxid=${wtxid}) from peer=${peer} was not accepted: ${state}`];
  }
  const refusedCaller = /^refused (\S+): (.*)$/.exec(message);
  if (refusedCaller !== null) {
    const why = refusedCaller[2]?.replace(/^it is (?=banned|discouraged)/, "");
    return [`[net] connection from ${refusedCaller[1]} dropped (${why})`];
  }
  const called = /^calling (\S+)$/.exec(message);
  if (called !== null) return [`[net] trying v1 connection (${called[1]}) lastseen=0.0hrs`];
  if (typeof peer !== "number") return [];
  return matching(OF_PEERS, message, peer);
}

function matching(rules: readonly Rule[], text: string, peer: PeerId): readonly string[] {
  return rules.flatMap(([pattern, line]) => {
    const found = pattern.exec(text);
    return found === null ? [] : [`[net] ${line(found, peer)}`];
  });
}

/** The explanation of these is ours alone. */
const UNEXPLAINED: ReadonlySet<string> = new Set([
  "prev-blk-not-found",
  "bad-prevblk",
  "duplicate-invalid",
]);

/** Core: ValidationState::ToString. */
function stateOf(reason: string, debug: unknown): string {
  return debug === undefined || UNEXPLAINED.has(reason) ? reason : `${reason}, ${debug}`;
}

/** A body that may have been changed on its way. Core: IsBlockMutated. */
const MUTATED: ReadonlySet<string> = new Set([
  "bad-txnmrklroot",
  "bad-txns-duplicate",
  "bad-witness-nonce-size",
  "bad-witness-merkle-match",
  "unexpected-witness",
]);

function blockLines(hash: string, reason: string, state: string): readonly string[] {
  const lines = [
    `[validation] ProcessNewBlock: AcceptBlock: ${hash}, ${state}`,
    `[validation] Block validation error: ${state}`,
    `[validation] ProcessNewBlock: AcceptBlock FAILED (${state})`,
  ];
  return MUTATED.has(reason) ? [...lines, `[validation] Block mutated: ${state}`] : lines;
}

/** Says Core's lines for what happens in a node, while they are wanted. @returns a function that ends it */
export function sayCoreLines(
  node: Node,
  say: (line: string) => void,
  isWanted: () => boolean = () => true,
): () => void {
  return node.subscribe((event) => {
    if (isWanted()) for (const line of linesOf(event)) say(line);
  });
}

function linesOf(event: NodeEvent): readonly string[] {
  switch (event.type) {
    case "peer-connected":
      return [`[net] Added connection peer=${event.peer}`];
    case "peer-disconnected":
      return [
        ...matching(ENDINGS, event.why, event.peer),
        `[net] ${event.why}, disconnecting peer=${event.peer}`,
      ];
    case "block-refused": {
      const { hash, refusal } = event;
      const { reason, debug } = refusal;
      return blockLines(hash, reason, stateOf(reason, debug));
    }
    case "message-received":
      return receivedLines(event);
    case "message-sent": {
      const { message, peer } = event;
      const { length } = encodePayload(message);
      return [`[net] sending ${message.command} (${length} bytes) peer=${peer}`];
    }
    default:
      return [];
  }
}

/** Core's words for what its streams throw. Core: ReadCompactSize (serialize.h). */
function exceptionOf(why: string): string {
  return why.endsWith(" in a longer form than it needs")
    ? "non-canonical ReadCompactSize(): iostream error"
    : why;
}

/** Core: CInv::GetMessageType. */
const ITEMS: ReadonlyMap<number, string> = new Map([
  [MSG_TX, "tx"],
  [MSG_WTX, "wtx"],
  [MSG_BLOCK, "block"],
  [MSG_CMPCT_BLOCK, "cmpctblock"],
  [MSG_TX | MSG_WITNESS_FLAG, "witness-tx"],
  [MSG_WITNESS_BLOCK, "witness-block"],
]);

function receivedLines({ peer, message }: NodeEvent & { readonly type: "message-received" }) {
  const { length } = encodePayload(message);
  const lines = [`[net] received: ${message.command} (${length} bytes) peer=${peer}`];
  if (message.command === "getdata") {
    const [first] = message.items;
    lines.push(`[net] received getdata (${message.items.length} invsz) peer=${peer}`);
    if (first !== undefined) {
      const kind = ITEMS.get(first.type) ?? first.type;
      lines.push(`[net] received getdata for: ${kind} ${first.hash} peer=${peer}`);
    }
  }
  return lines;
}
