/**
 * The nesting of OP_IF, OP_NOTIF and OP_ELSE: how deep, and where the first condition that does not hold is. Nothing
 * else is ever asked, and so no operation depends on the depth: scripts that nest thousands of conditions would
 * otherwise cost quadratic time. Core: ConditionStack.
 */
export class ConditionStack {
  #depth = 0;
  /** Depth of the first condition that does not hold; 0 where all hold. */
  #firstFalse = 0;

  get isEmpty(): boolean {
    return this.#depth === 0;
  }

  /** Whether operations are run, not skipped. */
  get allTrue(): boolean {
    return this.#firstFalse === 0;
  }

  push(holds: boolean): void {
    this.#depth++;
    if (this.#firstFalse === 0 && !holds) this.#firstFalse = this.#depth;
  }

  pop(): void {
    if (this.#firstFalse === this.#depth) this.#firstFalse = 0;
    this.#depth--;
  }

  /** Turns the innermost condition round: OP_ELSE. */
  toggle(): void {
    if (this.#firstFalse === 0) this.#firstFalse = this.#depth;
    else if (this.#firstFalse === this.#depth) this.#firstFalse = 0;
    // else an outer condition does not hold, and it makes no difference
  }
}
