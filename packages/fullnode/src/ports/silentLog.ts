import type { Log } from "@chain/engine";

/** A log that drops everything. It has a file of its own, because the other log takes time to load. */
export const silentLog: Log = () => {};
