import { existsSync, readFileSync } from "node:fs";
import { Block, Reader } from "@chain/core";

/** Chains that another implementation made: beside the repository, or where CHAIN_SHARED says. */
const folder = new URL(
  "data/",
  process.env["CHAIN_SHARED"] === undefined
    ? new URL("../../../../shared/", import.meta.url)
    : new URL(`${process.env["CHAIN_SHARED"]}/`, "file:///"),
);

export interface SharedChain {
  readonly blocks: readonly Block[];
  readonly raw: readonly Uint8Array[];
  readonly facts: {
    readonly height: number;
    readonly tipHash: string;
    readonly allTx: number;
    readonly inputs: number;
    readonly utxoCount: number;
    readonly utxoSum: number;
  };
}

/** Whether the chains are there. */
export const present: boolean = existsSync(new URL("chain-p2pkh-small.dat", folder));

/** Blocks 1 and up of a chain, and what is known of it. */
export function sharedChain(name: string): SharedChain {
  const reader = new Reader(new Uint8Array(readFileSync(new URL(`${name}.dat`, folder))));
  const raw: Uint8Array[] = [];
  while (reader.remaining > 0) raw.push(reader.take(reader.u32()));
  const facts = JSON.parse(
    readFileSync(new URL(`${name}.json`, folder), "utf8"),
  ) as SharedChain["facts"];
  return { raw, blocks: raw.map((bytes) => Block.fromBytes(bytes)), facts };
}
