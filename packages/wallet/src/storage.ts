/**
 * A place for the text of a key file. `@chain/wallet/file` has one on disk; a browser brings its own, on IndexedDB for
 * instance.
 */
export interface WalletStorage {
  /** The text, or `undefined` where none was written yet. */
  read(): Promise<string | undefined>;
  /**
   * Reads, changes and writes while nobody else does. When it resolves, the text survives a crash; when anything
   * throws, `change` included, the old one stands.
   */
  update(change: (text: string | undefined) => string): Promise<void>;
}

/** Keeps the text for as long as the object lives: for tests and for keys that are not to last. */
export function memoryStorage(text?: string): WalletStorage {
  let current = text;
  return {
    read: async () => current,
    update: async (change) => {
      current = change(current);
    },
  };
}
