import { type LightNodeOptions, MemoryLightStore } from "@chain/light";
import { easyDevnet, GENESIS_TIME } from "@chain/testing/blockFactory";
import { Rng } from "@chain/testing/random";

/** Options of a node that nobody answers. */
export function nodeOptions(): LightNodeOptions {
  return {
    params: easyDevnet(),
    store: new MemoryLightStore(),
    clock: { now: () => (GENESIS_TIME + 1_000) * 1_000 },
    timers: { after: () => () => {} },
    random: new Rng(1),
    dialer: { dial: () => Promise.reject(new RangeError("nobody listens")) },
    log: () => {},
    userAgent: "/light:1/",
  };
}
