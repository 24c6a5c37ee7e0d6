/** After the handshake: pings and time limits are ours, everything else is delivered. */
import type { Command, Message } from "../messages/registry.ts";
import { BIP31_VERSION, NODE_BLOOM, NODE_COMPACT_FILTERS } from "../protocol.ts";
import { type Context, close, type Established, note, type Step, say, step } from "./state.ts";

/** The service that a node offers to those that send a message (BIP-0111, BIP-0157). */
const SERVICE_OF: Readonly<Partial<Record<Command, bigint>>> = /* @__PURE__ */ Object.freeze({
  filterload: NODE_BLOOM,
  filteradd: NODE_BLOOM,
  filterclear: NODE_BLOOM,
  getcfilters: NODE_COMPACT_FILTERS,
  getcfheaders: NODE_COMPACT_FILTERS,
  getcfcheckpt: NODE_COMPACT_FILTERS,
});

/**
 * Why a message by this name ends the connection with a node of these services: no honest peer sends it. In Core's words.
 * @returns undefined where it does not
 */
export function whyNotOffered(command: Command, services: bigint): string | undefined {
  const service = SERVICE_OF[command];
  if (service === undefined || (services & service) !== 0n) return undefined;
  return service === NODE_BLOOM
    ? `${command} received despite not offering bloom services`
    : "requested unsupported block filter type";
}

/** Handles the messages that the session answers itself. */
export function acceptMessage(state: Established, message: Message, context: Context): Step {
  switch (message.command) {
    case "ping":
      if (context.config.deliverPings) return step(state, { type: "deliver", message });
      return state.peer.protocolVersion > BIP31_VERSION
        ? step(state, say({ command: "pong", nonce: message.nonce }))
        : step(state);
    case "pong":
      return acceptPong(state, message.nonce, context);
    case "wtxidrelay":
    case "sendaddrv2":
      // How both talk can't change any more. Core disconnects as well, and holds nothing against the peer.
      return close(`${message.command} received after verack`);
    default:
      return step(state, { type: "deliver", message });
  }
}

/** A wrong pong is noted and never punished; Core waits on after a wrong nonce, unless it is 0. */
function acceptPong(state: Established, nonce: bigint, { now }: Context): Step {
  const { ping } = state;
  if (ping === undefined) return step(state, note("unsolicited pong without ping"));
  if (nonce === ping.nonce) {
    const latencyMs = now - ping.sentAt;
    // Negative where the clock was set back meanwhile.
    const { leastLatencyMs = latencyMs } = state.peer;
    const least = Math.min(leastLatencyMs, latencyMs);
    const peer = latencyMs >= 0 ? { ...state.peer, latencyMs, leastLatencyMs: least } : state.peer;
    return step({ ...state, peer, ping: undefined });
  }
  return nonce === 0n
    ? step({ ...state, ping: undefined }, note("pong with nonce zero"))
    : step(state, note("pong with another nonce"));
}

/** A pong without a nonce ends the wait as well. Core: "Short payload". */
export function acceptShortPong(state: Established): Step {
  return step({ ...state, ping: undefined }, note("pong with a short payload"));
}

export function sendPing(
  { peer, strictFrom }: Pick<Established, "peer" | "strictFrom">,
  { config, timeouts, now }: Context,
): Step {
  const nonce = config.randomNonce();
  // Peers from before BIP-0031 do not answer; for them a ping only keeps the connection alive.
  const answered = peer.protocolVersion > BIP31_VERSION;
  const state: Established = {
    name: "established",
    peer,
    ping: answered ? { nonce, sentAt: now } : undefined,
    nextPingAt: now + timeouts.pingInterval,
    strictFrom,
  };
  return step(state, say({ command: "ping", nonce }));
}

/** When time has something to do here. While a ping is unanswered, no other is sent. */
export function establishedDeadline(
  { ping, nextPingAt, strictFrom }: Established,
  { timeouts, lastReceivedAt }: Omit<Context, "now">,
): number {
  const heard = lastReceivedAt + timeouts.inactivity;
  const answered = ping === undefined ? heard : ping.sentAt + timeouts.ping;
  const patience = Math.max(Math.min(heard, answered), strictFrom);
  return ping === undefined ? Math.min(patience, nextPingAt) : patience;
}

/** The deadline has come: peer silent, ping unanswered, or ping due. */
export function passDeadline(state: Established, context: Context): Step {
  const { timeouts, now, lastReceivedAt } = context;
  const silence = now - lastReceivedAt;
  const isStrict = now >= state.strictFrom;
  if (isStrict && silence >= timeouts.inactivity) {
    return close(`socket receive timeout: ${Math.floor(silence / 1000)}s`);
  }
  if (state.ping !== undefined) {
    return close(`ping timeout: ${((now - state.ping.sentAt) / 1000).toFixed(6)}s`);
  }
  return sendPing(state, context);
}
