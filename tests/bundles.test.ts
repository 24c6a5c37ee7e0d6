/**
 * The code that a browser loads for one import of a package, as esbuild makes it: minified, with all dependencies. The package
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
  ["packages/wire/src/index.ts", "encodePayload", 32_500],
  ["packages/wire/src/index.ts", "createSession", 45_000],
  // bs58check has 7 kB and does not say that it has no side effects: it stays in every bundle.
  ["packages/wallet/src/index.ts", "", 7_500],
  ["packages/wallet/src/index.ts", "parseAmount", 11_500],
  ["packages/wallet/src/index.ts", "PrivateKey", 36_000],
  ["packages/wallet/src/index.ts", "decodeAddress", 48_000],
  ["packages/wallet/src/index.ts", "signTransaction", 85_000],
  ["packages/wallet/src/index.ts", "Wallet", 150_000],
  ["packages/storage/src/index.ts", "", 100],
  ["packages/storage/src/index.ts", "MemoryStore", 35_000],
  ["packages/engine/src/index.ts", "", 1_500],
  ["packages/engine/src/index.ts", "ChainManager", 176_000],
  ["packages/engine/src/index.ts", "Node", 180_000],
  ["packages/light/src/index.ts", "", 1_500],
  ["packages/light/src/index.ts", "LightNode", 190_000],
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

/** Sources and foreign packages that a program loads before it knows what it is asked for. */
async function loadedAtStart(main: string): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    entryPoints: [`${ROOT}/${main}`],
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    conditions: CONDITIONS,
    outdir: "out",
    write: false,
    metafile: true,
    plugins: [
      {
        name: "packages of others",
        setup(hooks) {
          hooks.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
            kind === "entry-point" || path.startsWith("@chain/")
              ? undefined
              : { path, external: true },
          );
        },
      },
    ],
  });
  const { outputs } = metafile;
  const loaded = new Set<string>();
  const visit = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const source of Object.keys(outputs[path]?.inputs ?? {})) loaded.add(source);
    for (const each of outputs[path]?.imports ?? []) {
      if (each.kind !== "dynamic-import") visit(each.path);
    }
  };
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === main);
  visit(entry ?? expect.fail(`nothing was made of ${main}`));
  return loaded;
}

test.each(["apps/node/src/main.ts", "apps/wallet-cli/src/main.ts"])(
  "%s loads what only some commands need when they need it",
  async (main) => {
    const loaded = await loadedAtStart(main);
    const late = [
      "packages/rpc/src/methods/table.ts",
      "packages/fullnode/src/node/rpcService.ts",
      "prom-client",
      "pino",
      "@inquirer/password",
    ];
    expect(late.filter((each) => loaded.has(each))).toEqual([]);
    // It does see what is loaded.
    expect(loaded).toContain("packages/fullnode/src/identity.ts");
    expect(loaded).toContain("commander");
  },
);
