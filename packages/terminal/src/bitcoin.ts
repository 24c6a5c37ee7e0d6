/**
 * The common part of programs that are started as Bitcoin Core's are: options, `bitcoin.conf`, networks and directories.
 * @module @chain/terminal/bitcoin
 */
export { NETWORK_FLAGS } from "./bitcoin/networks.ts";
export type { Located } from "./bitcoin/place.ts";
export { locate } from "./bitcoin/place.ts";
export type { KnownOptions } from "./bitcoin/settings.ts";
export { parseConfig, Settings } from "./bitcoin/settings.ts";
