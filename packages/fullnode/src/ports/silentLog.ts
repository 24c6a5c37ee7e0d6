import type { Log } from "@chain/engine";

/** For those who do not want to hear of it. (Apart from the other log, which takes its time to load.) */
export const silentLog: Log = () => {};
