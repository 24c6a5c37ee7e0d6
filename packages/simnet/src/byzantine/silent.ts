import { Adversary } from "./adversary.ts";

/** Takes a place and never says a word. */
export class SilentPeer extends Adversary {
  protected override connected(): void {}

  protected override ready(): void {}
}
