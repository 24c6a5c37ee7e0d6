/** The packages that a workspace package may import, and the parts of the platform that it may touch. */
export interface Layer {
  readonly name: string;
  readonly dir: string;
  /** Import specifiers of workspace packages that its sources may use. */
  readonly mayImport: readonly string[];
  /**
   * Runs in a browser and in a simulation: no platform, clock, randomness, timers, console or state of its own.
   * Without it only the imports are held.
   */
  readonly pure: boolean;
  /** Entries that must run in a browser although the rest of the package need not. */
  readonly browserSafe?: readonly string[];
  /** Never published: tests, benchmarks and scripts use it from source. */
  readonly isPrivate?: boolean;
}

/** The arrows of the architecture. */
export const LAYERS: readonly Layer[] = [
  { name: "@chain/core", dir: "packages/core", mayImport: [], pure: true },
  {
    name: "@chain/storage",
    dir: "packages/storage",
    mayImport: ["@chain/core", "@chain/core/arguments"],
    pure: false,
    browserSafe: ["src/index.ts"],
  },
  {
    name: "@chain/wire",
    dir: "packages/wire",
    mayImport: ["@chain/core", "@chain/core/arguments"],
    pure: true,
  },
  {
    name: "@chain/wallet",
    dir: "packages/wallet",
    mayImport: ["@chain/core", "@chain/core/arguments"],
    pure: false,
    // The key file on disk has an entry of its own.
    browserSafe: [
      "src/index.ts",
      "src/accounts.ts",
      "src/descriptors.ts",
      "src/message.ts",
      "src/psbt.ts",
    ],
  },
  {
    name: "@chain/engine",
    dir: "packages/engine",
    // Storage's interface and memory body, never `@chain/storage/level`.
    mayImport: ["@chain/core", "@chain/core/arguments", "@chain/wire", "@chain/storage"],
    pure: true,
  },
  {
    name: "@chain/signatures",
    dir: "packages/signatures",
    mayImport: ["@chain/core", "@chain/core/arguments"],
    pure: false,
  },
  {
    name: "@chain/simnet",
    dir: "packages/simnet",
    // It simulates the engine; time, chance and turns are its own, or handed in.
    mayImport: [
      "@chain/core",
      "@chain/core/arguments",
      "@chain/storage",
      "@chain/wire",
      "@chain/engine",
      "@chain/wallet",
    ],
    pure: true,
  },
  {
    name: "@chain/indexes",
    dir: "packages/indexes",
    // Storage's interface and memory body; a backend on disk is handed in.
    mayImport: ["@chain/core", "@chain/core/arguments", "@chain/storage", "@chain/engine"],
    pure: true,
  },
  {
    name: "@chain/light",
    dir: "packages/light",
    // The engine's connecting half, and no chain of blocks.
    mayImport: [
      "@chain/core",
      "@chain/core/arguments",
      "@chain/wire",
      "@chain/engine",
      "@chain/engine/peers",
    ],
    pure: true,
  },
  {
    name: "@chain/rpc",
    dir: "packages/rpc",
    mayImport: [
      "@chain/light",
      "@chain/core",
      "@chain/core/arguments",
      "@chain/storage",
      "@chain/wire",
      "@chain/engine",
      "@chain/indexes",
      "@chain/wallet",
      "@chain/wallet/accounts",
      "@chain/wallet/descriptors",
      "@chain/wallet/ledger",
      "@chain/wallet/message",
      "@chain/wallet/psbt",
      "@chain/wallet/spending",
    ],
    // The methods are pure; the client, an entry of its own, calls `fetch`.
    pure: false,
    browserSafe: ["src/index.ts"],
  },
  {
    name: "@chain/esplora",
    dir: "packages/esplora",
    // Of the node it sees chain, indexes and a function that calls the RPC.
    mayImport: [
      "@chain/core",
      "@chain/core/arguments",
      "@chain/engine",
      "@chain/indexes",
      "@chain/wallet",
    ],
    pure: true,
  },
  {
    name: "@chain/electrum",
    dir: "packages/electrum",
    mayImport: ["@chain/core", "@chain/core/arguments", "@chain/engine", "@chain/indexes"],
    pure: true,
  },
  {
    name: "@chain/testing",
    dir: "packages/testing",
    // No package may import it from its sources; only tests, benchmarks and scripts do.
    mayImport: [
      "@chain/core",
      "@chain/core/arguments",
      "@chain/storage",
      "@chain/wire",
      "@chain/engine",
      "@chain/wallet",
      "@chain/wallet/descriptors",
      "@chain/wallet/psbt",
      "@chain/simnet",
      "@chain/indexes",
      "@chain/rpc",
      "@chain/fullnode",
      "@chain/terminal",
    ],
    pure: false,
    isPrivate: true,
  },
  {
    name: "@chain/fullnode",
    dir: "packages/fullnode",
    // Nothing of a command line: a node runs in any program.
    mayImport: [
      "@chain/light",
      "@chain/core",
      "@chain/core/arguments",
      "@chain/storage",
      "@chain/storage/level",
      "@chain/wire",
      "@chain/wallet",
      "@chain/wallet/ledger",
      "@chain/engine",
      "@chain/indexes",
      "@chain/electrum",
      "@chain/esplora",
      "@chain/rpc",
      "@chain/rpc/client",
      "@chain/signatures",
    ],
    pure: false,
  },
  {
    name: "@chain/devchain",
    dir: "packages/devchain",
    mayImport: [
      "@chain/core",
      "@chain/core/arguments",
      "@chain/storage",
      "@chain/engine",
      "@chain/fullnode",
      "@chain/rpc",
      "@chain/signatures",
      "@chain/wallet",
      "@chain/wallet/accounts",
      "@chain/wallet/descriptors",
      "@chain/wallet/psbt",
    ],
    pure: false,
  },
  {
    name: "@chain/terminal",
    dir: "packages/terminal",
    mayImport: ["@chain/core", "@chain/core/arguments", "@chain/fullnode"],
    pure: false,
  },
  // An app imports no app: what two of them need is a package.
  {
    name: "@chain/node",
    dir: "apps/node",
    mayImport: [
      "@chain/light",
      "@chain/core",
      "@chain/core/arguments",
      "@chain/storage",
      "@chain/storage/level",
      "@chain/wallet",
      "@chain/wallet/accounts",
      "@chain/engine",
      "@chain/devchain",
      "@chain/fullnode",
      "@chain/terminal",
    ],
    pure: false,
  },
  {
    name: "@chain/bitcoind",
    dir: "apps/bitcoind",
    mayImport: [
      "@chain/core",
      "@chain/engine",
      "@chain/fullnode",
      "@chain/wire",
      "@chain/terminal",
      "@chain/terminal/bitcoin",
      "@chain/wallet",
      "@chain/wallet/accounts",
    ],
    pure: false,
  },
  {
    name: "@chain/bitcoin-cli",
    dir: "apps/bitcoin-cli",
    mayImport: [
      "@chain/core",
      "@chain/fullnode",
      "@chain/rpc",
      "@chain/terminal",
      "@chain/terminal/bitcoin",
    ],
    pure: false,
  },
  {
    name: "@chain/wallet-cli",
    dir: "apps/wallet-cli",
    mayImport: [
      "@chain/core",
      "@chain/core/arguments",
      "@chain/signatures",
      "@chain/wallet",
      "@chain/wallet/file",
      "@chain/fullnode",
      "@chain/terminal",
    ],
    pure: false,
  },
  {
    name: "@chain/browser-node",
    dir: "apps/browser-node",
    mayImport: ["@chain/core", "@chain/storage", "@chain/wallet", "@chain/engine", "@chain/light"],
    pure: false,
    isPrivate: true,
  },
];

/** Findings that are put up with, as `file: message`. A test keeps this empty. */
export const EXEMPTIONS: readonly string[] = [];
