/** The browser, as the engine takes it. */
import {
  type Clock,
  type Dialer,
  type Log,
  type Random,
  type Timers,
  webSocketDialer,
} from "@chain/engine";
import type { Settings } from "./settings.ts";

export const clock: Clock = { now: () => Date.now() };

export const timers: Timers = {
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

export const random: Random = {
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
};

export const log: Log = (level, category, message) => {
  if (level === "warn" || level === "error") console.warn(`${category}: ${message}`);
};

export const USER_AGENT = "/chain-browser:0.1.0/";

export function dialer({ url }: Settings): Dialer {
  return webSocketDialer({ open: (to) => new WebSocket(to), timers, url: () => url });
}
