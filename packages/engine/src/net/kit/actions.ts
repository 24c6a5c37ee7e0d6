import type { Message } from "@chain/wire";
import type { PeerId } from "../../events.ts";

/** An action that a state machine of this folder asks for. The machines touch nothing themselves. */
export type NetAction =
  | { readonly type: "send"; readonly peer: PeerId; readonly message: Message }
  | {
      readonly type: "disconnect";
      readonly peer: PeerId;
      readonly reason: string;
      /** The peer broke a rule that every honest node keeps. */
      readonly misbehaving: boolean;
      /** It kept others waiting: if we are to stay connected to it, then not at once. */
      readonly stalling: boolean;
    };

export function sendMessage(peer: PeerId, message: Message): NetAction {
  return { type: "send", peer, message };
}

export function disconnect(peer: PeerId, reason: string, misbehaving = false): NetAction {
  return { type: "disconnect", peer, reason, misbehaving, stalling: false };
}

/** Of a peer that broke no rule, and that we are better off without for a while. */
export function disconnectStalling(peer: PeerId, reason: string): NetAction {
  return { type: "disconnect", peer, reason, misbehaving: false, stalling: true };
}
