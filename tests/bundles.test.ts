/**
 * What a browser loads for one import of a package, as esbuild makes it: minified, with all dependencies. The package
 * is one file first, as it is published, so that what can't be left out of it shows.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CONDITIONS = ["@chain/source"];

/** Most bytes. An import of nothing shows what runs when the module is loaded. */
const BUDGETS: readonly (readonly [entry: string, imported: string, most: number])[] = [
  ["packages/core/src/index.ts", "", 400],
  ["packages/core/src/index.ts", "sha256d", 8_000],
  ["packages/core/src/index.ts", "Transaction", 22_000],
  ["packages/core/src/index.ts", "regtest", 28_000],
  ["packages/core/src/index.ts", "verifyTransaction", 70_000],
  ["packages/core/src/index.ts", "verifyBlock", 85_000],
  ["packages/wire/src/index.ts", "", 200],
  ["packages/wire/src/index.ts", "parseIp", 2_500],
  ["packages/wire/src/index.ts", "encodePayload", 32_000],
  ["packages/wire/src/index.ts", "createSession", 45_000],
  // bs58check has 7 kB and does not say that it has no side effects: it stays in every bundle.
  ["packages/wallet/src/index.ts", "", 7_500],
  ["packages/wallet/src/index.ts", "parseAmount", 11_500],
  ["packages/wallet/src/index.ts", "PrivateKey", 36_000],
  ["packages/wallet/src/index.ts", "decodeAddress", 47_000],
  ["packages/wallet/src/index.ts", "signTransaction", 85_000],
  ["packages/wallet/src/index.ts", "Wallet", 150_000],
  ["packages/storage/src/index.ts", "", 100],
  ["packages/storage/src/index.ts", "MemoryStore", 35_000],
  ["packages/engine/src/index.ts", "", 1_500],
  ["packages/engine/src/index.ts", "ChainManager", 150_000],
  ["packages/engine/src/index.ts", "Node", 170_000],
];

/** The sources of a package in one file, its dependencies left as imports. */
const FILES = new Map<string, Promise<string>>();

function oneFile(entry: string): Promise<string> {
  const known = FILES.get(entry);
  if (known !== undefined) return known;
  const made = build({
    entryPoints: [`${ROOT}/${entry}`],
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2023",
    conditions: CONDITIONS,
    packages: "external",
    write: false,
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
  FILES.set(entry, made);
  return made;
}

async function bundleSize(entry: string, imported: string): Promise<number> {
  const contents = await oneFile(entry);
  const resolveDir = dirname(`${ROOT}/${entry}`);
  const { outputFiles } = await build({
    stdin: {
      contents: imported === "" ? 'import "package";' : `export { ${imported} } from "package";`,
      resolveDir,
    },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    conditions: CONDITIONS,
    write: false,
    plugins: [
      {
        name: "package",
        setup(hooks) {
          // In no folder with a package.json: `sideEffects` would hide what runs at import.
          hooks.onResolve({ filter: /^package$/ }, () => ({ path: "package", namespace: "one" }));
          hooks.onLoad({ filter: /.*/, namespace: "one" }, () => ({ contents, resolveDir }));
        },
      },
    ],
  });
  return outputFiles[0]?.contents.length ?? Number.POSITIVE_INFINITY;
}

test.each(BUDGETS)("%s, %s: at most %i bytes", async (entry, imported, most) => {
  expect(await bundleSize(entry, imported)).toBeLessThanOrEqual(most);
});
