/** From the opened connection to `verack`. The outbound side speaks first. Core: net_processing.cpp, VERSION, VERACK. */
import type { VersionMessage } from "../messages/version.ts";
import { MIN_PROTOCOL_VERSION, PROTOCOL_VERSION } from "../protocol.ts";
import { sanitizeText } from "../text.ts";
import { sendPing } from "./established.ts";
import {
  type AwaitingVerack,
  type AwaitingVersion,
  type Context,
  close,
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
  const next: AwaitingVerack = {
    name: "awaiting-verack",
    deadline: state.deadline,
    sendHeaders: false,
    peer: {
      protocolVersion: Math.min(PROTOCOL_VERSION, version.protocolVersion),
      services: version.services,
      userAgent: sanitizeText(version.userAgent),
      startHeight: version.startHeight,
      relay: version.relay,
    },
  };
  const verack = say({ command: "verack" });
  return context.config.direction === "inbound"
    ? step(next, ourVersion(context), verack)
    : step(next, verack);
}

/** The peer is established; the first ping goes out at once, as Core's does. */
export function acceptVerack({ peer, sendHeaders }: AwaitingVerack, context: Context): Step {
  const reactions: Reaction[] = [{ type: "established", peer }];
  if (sendHeaders) reactions.push({ type: "deliver", message: { command: "sendheaders" } });
  const pinged = sendPing(peer, context);
  return step(pinged.state, ...reactions, ...pinged.reactions);
}

function ourVersion({ config, now }: Context): Reaction {
  return say({
    command: "version",
    protocolVersion: PROTOCOL_VERSION,
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
