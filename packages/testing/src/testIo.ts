import type { ProgramIo } from "@chain/terminal";

/** A terminal in memory. */
export class TestIo implements ProgramIo {
  out = "";
  error = "";
  readonly colour = false;
  readonly #stops = new Set<() => void>();
  readonly #watchers = new Set<() => void>();

  async write(text: string): Promise<void> {
    this.out += text;
    for (const watcher of this.#watchers) watcher();
  }

  writeError(text: string): void {
    this.error += text;
    for (const watcher of this.#watchers) watcher();
  }

  onStop(listener: () => void): () => void {
    this.#stops.add(listener);
    return () => this.#stops.delete(listener);
  }

  /** Ctrl-C. */
  stop(): void {
    for (const listener of this.#stops) listener();
  }

  /** Resolves when the output, or what went to standard error, holds this text. */
  until(text: string): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!this.out.includes(text) && !this.error.includes(text)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}
