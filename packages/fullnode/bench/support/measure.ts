/** Seconds that it takes. */
export async function time(action: () => unknown): Promise<number> {
  const begun = performance.now();
  await action();
  return (performance.now() - begun) / 1000;
}

/** The best of all runs in two seconds, three at least: what the machine can do, warm and when nothing disturbs it. */
export async function best(action: () => unknown): Promise<number> {
  const begun = performance.now();
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3 || performance.now() - begun < 2_000; run++) {
    least = Math.min(least, await time(action));
  }
  return least;
}

/** So many in a second, for a table. */
export const rate = (count: number, seconds: number): string =>
  Math.round(count / seconds).toLocaleString("en");

/** Seconds of processor time that it takes, on all threads. */
export async function processorTime(action: () => unknown): Promise<number> {
  const begun = process.cpuUsage();
  await action();
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1e6;
}
