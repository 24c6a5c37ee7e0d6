/**
 * From the opened connection to `verack`. The outbound side speaks first. Core: net_processing.cpp, VERSION, VERACK.
 */
import type { Message } from "../messages/registry.ts";
import type { VersionMessage } from "../messages/version.ts";
import {
  COMPACT_BLOCKS_VERSION,
  MIN_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
  WTXID_RELAY_VERSION,
} from "../protocol.ts";
import { sanitizeText } from "../text.ts";
import { sendPing } from "./established.ts";
import {
  type AwaitingVerack,
  type AwaitingVersion,
  type Context,
  close,
  type EarlyMessage,
  type Reaction,
  type Step,
  say,
  step,
} from "./state.ts";

export function open(context: Context): Step {
  const { config, timeouts, now } = context;
  const state: AwaitingVersion = {
    name: "awaiting-version",
    deadline: now + timeouts.handshake,
  };
  return config.direction === "outbound" ? step(state, ourVersion(context)) : step(state);
}

export function acceptVersion(
  state: AwaitingVersion,
  version: VersionMessage,
  context: Context,
): Step {
  if (version.protocolVersion < MIN_PROTOCOL_VERSION) {
    return close(`peer using obsolete version ${version.protocolVersion}`);
  }
  if (context.config.isOwnNonce(version.nonce)) return close("connected to self");
  const protocolVersion = Math.min(versionOf(context), version.protocolVersion);
  const next: AwaitingVerack = {
    name: "awaiting-verack",
    deadline: state.deadline,
    early: [],
    peer: {
      protocolVersion,
      ownVersion: version.protocolVersion,
      timeOffset: Number(version.timestamp) - Math.floor(context.now / 1000),
      services: version.services,
      userAgent: sanitizeText(version.userAgent),
      startHeight: version.startHeight,
      relay: version.relay,
      seesUsAt: version.receiver.ip,
      listensOn: version.sender.port,
      wtxidRelay: false,
      wantsAddrV2: false,
    },
  };
  const unwanted = context.config.whyUnwanted?.(next.peer);
  if (unwanted !== undefined) return close(unwanted);
  const reactions: Reaction[] = [];
  if (context.config.direction === "inbound") reactions.push(ourVersion(context));
  if (protocolVersion >= WTXID_RELAY_VERSION) {
    reactions.push(say({ command: "wtxidrelay" }), say({ command: "sendaddrv2" }));
  }
  reactions.push(say({ command: "verack" }));
  const served = context.config.whyServed?.(next.peer);
  if (served === undefined) return step(next, ...reactions);
  const { state: closed, reactions: ending } = close(served);
  return step(closed, ...reactions, ...ending);
}

/** The features that both sides agree on before `verack`. */
export function acceptBeforeVerack(
  state: AwaitingVerack,
  message: Message,
  context: Context,
): Step {
  const { peer } = state;
  switch (message.command) {
    case "verack":
      return acceptVerack(state, context);
    case "wtxidrelay":
      // A peer of an older version was not asked for it.
      return step({
        ...state,
        peer: { ...peer, wtxidRelay: peer.protocolVersion >= WTXID_RELAY_VERSION },
      });
    case "sendaddrv2":
      return step({ ...state, peer: { ...peer, wantsAddrV2: true } });
    case "sendcmpct":
      // A peer that offers several versions offers ours among them: the others must not take its place.
      if (message.version !== COMPACT_BLOCKS_VERSION) return step(state);
      return keep(state, message);
    case "sendheaders":
      return keep(state, message);
    default:
      return step(state);
  }
}

function keep(state: AwaitingVerack, message: EarlyMessage): Step {
  const others = state.early.filter(({ command }) => command !== message.command);
  return step({ ...state, early: [...others, message] });
}

/** The peer is established; the first ping goes out at once, as Core's does. */
function acceptVerack({ peer, early, deadline }: AwaitingVerack, context: Context): Step {
  const reactions: Reaction[] = [{ type: "established", peer }];
  for (const message of early) reactions.push({ type: "deliver", message });
  const pinged = sendPing({ peer, strictFrom: deadline }, context);
  return step(pinged.state, ...reactions, ...pinged.reactions);
}

function versionOf({ config }: Context): number {
  return config.protocolVersion ?? PROTOCOL_VERSION;
}

function ourVersion(context: Context): Reaction {
  const { config, now } = context;
  return say({
    command: "version",
    protocolVersion: versionOf(context),
    services: config.services,
    timestamp: BigInt(Math.floor(now / 1000)),
    receiver: config.receiver,
    sender: config.sender,
    nonce: config.nonce,
    userAgent: config.userAgent,
    startHeight: config.startHeight(),
    relay: config.relay,
  });
}
