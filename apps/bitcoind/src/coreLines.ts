/**
 * Core's lines for what the engine says in its own words: harnesses and Core's functional tests wait for them. Core:
 * net.cpp, net_processing.cpp, validation.cpp.
 */
import type { Log, Node, NodeEvent, PeerId } from "@chain/engine";
import { encodePayload, MSG_TX, MSG_WTX } from "@chain/wire";

type Fields = Parameters<Log>[3];
type Rule = readonly [pattern: RegExp, line: (found: readonly string[], peer: PeerId) => string];

/** What a session or the engine says of a peer, behind its name. */
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
  [/: redundant version message$/, (_, peer) => `redundant version message from peer=${peer}`],
  [/ (?:misbehaves|may stay): (.*)$/, ([, why = ""], peer) => `Misbehaving: peer=${peer}: ${why}`],
];

/** Why a connection ends, where Core says it in other words. */
const ENDINGS: readonly (readonly [
  pattern: RegExp,
  reason: (found: readonly string[]) => string,
])[] = [
  [/^ping timeout: (\d+) ms$/, ([, ms = ""]) => `ping timeout: ${(Number(ms) / 1000).toFixed(6)}s`],
];

/** The lines for a line of the engine's log. */
export function coreLinesFor(message: string, fields: Fields): readonly string[] {
  const refused = /^refused (\S+)(?: (\S+))?(?: \(wtxid=(\S+)\))? from .*$/.exec(message);
  const { peer, reason } = fields ?? {};
  if (refused !== null && typeof peer === "number" && typeof reason === "string") {
    const [, what = "", name = "", wtxid = ""] = refused;
    const debug = /\(([^()]*)\)$/.exec(message.slice(message.indexOf(reason) + reason.length))?.[1];
    const state = debug === undefined ? reason : `${reason}, ${debug}`;
    if (what === "transaction") {
      return [`[mempoolrej] ${name} (wtxid=${wtxid}) from peer=${peer} was not accepted: ${state}`];
    }
    return blockLines(name, state);
  }
  const refusedCaller = /^refused (\S+): (.*)$/.exec(message);
  if (refusedCaller !== null) {
    const why = refusedCaller[2]?.replace(/^it is (?=banned|discouraged)/, "");
    return [`[net] connection from ${refusedCaller[1]} dropped (${why})`];
  }
  const called = /^calling (\S+)$/.exec(message);
  if (called !== null) return [`[net] trying v1 connection (${called[1]}) lastseen=0.0hrs`];
  if (typeof peer !== "number") return [];
  return OF_PEERS.flatMap(([pattern, line]) => {
    const found = pattern.exec(message);
    return found === null ? [] : [`[net] ${line(found, peer)}`];
  });
}

function blockLines(hash: string, state: string): readonly string[] {
  return [
    `[validation] ProcessNewBlock: AcceptBlock: ${hash}, ${state}`,
    `[validation] Block validation error: ${state}`,
    `[validation] Block mutated: ${state}`,
    `[validation] ProcessNewBlock: AcceptBlock FAILED (${state})`,
  ].slice(
    0,
    /bad-txnmrklroot|bad-txns-duplicate|bad-witness|unexpected-witness/.test(state) ? 4 : 2,
  );
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
      return [`[net] ${reasonOf(event.why)}, disconnecting peer=${event.peer}`];
    case "block-refused": {
      const { hash, refusal } = event;
      const { reason, debug } = refusal;
      return blockLines(hash, debug === undefined ? reason : `${reason}, ${debug}`);
    }
    case "message-received":
      return receivedLines(event);
    default:
      return [];
  }
}

function receivedLines({ peer, message }: NodeEvent & { readonly type: "message-received" }) {
  const { length } = encodePayload(message);
  const lines = [`[net] received: ${message.command} (${length} bytes) peer=${peer}`];
  if (message.command === "getdata") {
    const [first] = message.items;
    const type = first?.type === MSG_WTX ? "wtx" : first?.type === MSG_TX ? "tx" : "block";
    lines.push(`[net] received getdata (${message.items.length} invsz) peer=${peer}`);
    if (first !== undefined) {
      lines.push(`[net] received getdata for: ${type} ${first.hash} peer=${peer}`);
    }
  }
  return lines;
}

function reasonOf(why: string): string {
  for (const [pattern, reason] of ENDINGS) {
    const found = pattern.exec(why);
    if (found !== null) return reason(found);
  }
  return why;
}
