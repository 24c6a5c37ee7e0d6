import { StorageError } from "@chain/storage";
import { EngineError } from "../errors.ts";

export interface Turn {
  /** Hears that the operation begins, when those before it are done. */
  readonly onTurn?: () => void;
}

/**
 * Runs asynchronous operations one at a time, in the order they were asked for. One that only reads and fails stops no
 * other. When one that writes fails, memory may be ahead of the store: then nothing may build on that any more.
 */
export class OperationQueue {
  readonly #describe: (error: unknown) => string;
  readonly #onFailure: (why: string) => void;
  #last: Promise<unknown> = Promise.resolve();
  #failure: { readonly why: string; readonly cause: unknown } | undefined;
  #closed = false;

  /** @param describe makes the failure that listeners are told of from the error that was thrown */
  constructor(describe: (error: unknown) => string, onFailure: (why: string) => void) {
    this.#describe = describe;
    this.#onFailure = onFailure;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Whether an operation that writes has failed. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** @throws EngineError `closed`, `failed`. */
  run<Result>(operation: () => Promise<Result>): Promise<Result> {
    if (this.#closed) return Promise.reject(new EngineError("closed", "the chain is closed"));
    return this.#append(() => {
      if (this.#failure === undefined) return operation();
      const { why, cause } = this.#failure;
      return Promise.reject(new EngineError("failed", `the chain stopped: ${why}`, { cause }));
    });
  }

  /** As `run`, for what writes. */
  write<Result>(operation: () => Promise<Result>): Promise<Result> {
    return this.run(async () => {
      try {
        return await operation();
      } catch (error) {
        this.#failure = { why: this.#describe(error), cause: error };
        this.#onFailure(this.#failure.why);
        throw error;
      }
    });
  }

  /** Takes nothing more, and runs a last operation after all others. Only the first call does anything. */
  async close(last: () => Promise<void>): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#append(last);
  }

  #append<Result>(operation: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(operation);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Describes an error that ended the queue, with the remedy where the store is damaged. */
export function failureMessage(error: unknown, repair: string | undefined): string {
  const message = error instanceof Error ? error.message : String(error);
  const isDamage =
    (error instanceof StorageError && error.code === "corrupt") ||
    (error instanceof EngineError && error.code === "missing-data");
  return isDamage && repair !== undefined ? `${message}: ${repair}` : message;
}
