/** Networks by Core's names. Core: chainparamsbase.cpp. */

export interface Place {
  /** Its name for `findNetwork`. */
  readonly name: string;
  /** Directory below the data directory. */
  readonly directory: string;
}

/** By Core's names, which are those of the sections of a configuration file as well. */
export const PLACES: Readonly<Record<string, Place>> = {
  main: { name: "mainnet", directory: "" },
  testnet4: { name: "testnet4", directory: "testnet4" },
  signet: { name: "signet", directory: "signet" },
  regtest: { name: "regtest", directory: "regtest" },
};

/** Section of the network that is taken where none is named. */
export const MAIN = "main";

/** Options that choose a network. */
export const NETWORK_FLAGS: readonly string[] = ["regtest", "signet", "testnet", "testnet4"];
