/**
 * A chain that another implementation made, connected in memory and on disk with each body of signature checking. Run
 * with `pnpm bench validation`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nobleVerifier, regtest } from "@chain/core";
import { ChainManager } from "@chain/engine";
import { loadNativeVerifier, loadWasmVerifier } from "@chain/signatures";
import { type ChainStore, MemoryStore } from "@chain/storage";
import { openLevelStore } from "@chain/storage/level";
import { present, sharedChain } from "@chain/testing/sharedChains";
import { systemClock, systemTimers } from "../src/ports/system.ts";
import { rate, time } from "./support/measure.ts";

const bodies = [nobleVerifier, await loadWasmVerifier(), loadNativeVerifier()];

/** A whole chain of 21,000 transactions and 29,842 inputs, everything checked. */
async function wholeChain(): Promise<void> {
  const { raw, facts } = sharedChain("chain-p2pkh");
  const rows: object[] = [];
  for (const verifier of bodies.toReversed()) {
    for (const kind of ["memory", "disk"] as const) {
      if (verifier.name === "noble" && kind === "disk") continue; // says nothing new, for a minute
      const directory = await mkdtemp(join(tmpdir(), "chain-bench-"));
      const store: ChainStore =
        kind === "memory" ? new MemoryStore() : await openLevelStore(join(directory, "db"));
      const ports = { clock: systemClock, timers: systemTimers, log: () => {} };
      const chain = await ChainManager.open({ params: regtest, store, verifier, ...ports });
      const seconds = await time(async () => {
        for (const block of raw) await chain.acceptBlock(block, { requested: true });
      });
      if (chain.tip.hash !== facts.tipHash) throw new TypeError("the chain was not connected");
      await chain.close();
      await rm(directory, { recursive: true });
      rows.push({
        signatures: verifier.name,
        store: kind,
        seconds: seconds.toFixed(1),
        "blocks/s": rate(raw.length, seconds),
        "inputs/s": rate(facts.inputs, seconds),
      });
    }
  }
  console.table(rows);
}

if (present) await wholeChain();
else console.log("skipped, as ../shared/data is absent: a whole chain");
