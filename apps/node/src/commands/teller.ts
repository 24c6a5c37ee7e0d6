import type { Milliseconds } from "@chain/core";

/** Milliseconds between two lines that tell how far it is. */
const INTERVAL: Milliseconds = 3_000;

/** Tells something now and then. */
export function teller(write: (text: string) => void): (text: () => string) => void {
  let last = performance.now();
  return (text) => {
    if (performance.now() - last < INTERVAL) return;
    last = performance.now();
    write(text());
  };
}
