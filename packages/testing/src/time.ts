import { VirtualTime } from "@chain/simnet";

export type { VirtualTime };

/** All promises that can go on without time passing have gone on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The virtual time of `@chain/simnet`, on the event loop of Node. @param start milliseconds since 1970 */
export function virtualTime(start: number): VirtualTime {
  return new VirtualTime(start, settle, true);
}
