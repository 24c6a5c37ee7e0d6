import { Adversary } from "./adversary.ts";

/**
 * Takes a place and never says a word.
 * @example
 * new SilentPeer(simulation, "silent").attack(nodes);
 * await simulation.run(60_000);
 * await simulation.checkpoint(); // all is well
 */
export class SilentPeer extends Adversary {
  protected override connected(): void {}

  protected override ready(): void {}
}
