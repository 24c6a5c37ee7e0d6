import { optional, requireFields, requireString } from "@chain/core/arguments";
/**
 * A place for the text of a key file. `@chain/wallet/file` has one on disk; a browser brings its own, on IndexedDB for
 * instance.
 */
export interface WalletStorage {
  /** The text, or `undefined` where none was written yet. */
  read(): Promise<string | undefined>;
  /**
   * Reads, changes and writes while no other process does. When it resolves, the text survives a crash; when anything
   * throws, `change` included, the old one stands.
   */
  update(change: (text: string | undefined) => string): Promise<void>;
  /**
   * Runs an action while no other one runs for this wallet, in any process. The text may be updated meanwhile.
   * @param onWait hears, once the wait gets long, which process is before us
   */
  exclusively<T>(action: () => Promise<T>, onWait?: (holder: string) => void): Promise<T>;
}

/**
 * Keeps the text for as long as the object lives: for tests and for keys that are not to last.
 * @example
 * const wallet = await Wallet.create(memoryStorage(), { params: regtest, now: () => 1_800_000_000 });
 * wallet.keys.length // 0
 */
export function memoryStorage(text?: string): WalletStorage {
  optional(text, "text", requireString);

  let current = text;
  let last: Promise<unknown> = Promise.resolve();
  return {
    read: async () => current,
    update: async (change) => {
      current = change(current);
    },
    exclusively: (action) => {
      const turn = last.then(action);
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

export function requireStorage(value: unknown, name: string): void {
  requireFields(value, name, { read: "function", update: "function", exclusively: "function" });
}
