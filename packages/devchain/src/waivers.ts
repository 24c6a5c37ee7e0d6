import { type Outpoint, type OutpointKey, outpointKey, type ScriptCheck } from "@chain/core";
import { present } from "@chain/core/arguments";

/** The coins that may be spent without a signature, because the owner of the chain says so. */
export class Waivers {
  readonly #outpoints = new Set<OutpointKey>();

  add(outpoints: readonly Outpoint[]): void {
    for (const outpoint of outpoints) this.#outpoints.add(outpointKey(outpoint));
  }

  /** Whether the script of a coin counts as passed. */
  skips({ spend, inputIndex }: ScriptCheck): boolean {
    if (this.#outpoints.size === 0) return false;
    const input = present(spend.transaction.inputs[inputIndex], "the input of a check");
    return this.#outpoints.has(outpointKey(input.prevout));
  }

  /** All of them, as text. */
  list(): readonly OutpointKey[] {
    return [...this.#outpoints];
  }

  restore(outpoints: readonly OutpointKey[]): void {
    for (const outpoint of outpoints) this.#outpoints.add(outpoint);
  }
}
