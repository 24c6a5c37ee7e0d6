/**
 * Packs the commands, `chain-node`, `chain-wallet`, `chain-bitcoind` and `chain-cli`, into one file, which `npm install --global FILE` installs. The
 * packages of this repository are inside it; those of others, native parts included, npm fetches.
 */

import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROGRAMS = {
  "chain-node": "apps/node",
  "chain-wallet": "apps/wallet-cli",
  "chain-bitcoind": "apps/bitcoind",
  "chain-cli": "apps/bitcoin-cli",
} as const;

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly repository: object;
  readonly engines: object;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

async function manifestOf(dir: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(ROOT, dir, "package.json"), "utf8")) as Manifest;
}

/** The versions that `pnpm-workspace.yaml` gives once for all, by name. */
async function catalog(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(ROOT, "pnpm-workspace.yaml"), "utf8");
  const [, entries = ""] = /^catalog:\n((?: {2}.*\n)+)/m.exec(text) ?? [];
  const lines = entries.matchAll(/^ {2}"?([^":#\s]+)"?: (\S+)$/gm);
  return new Map([...lines].map(([, name = "", version = ""]) => [name, version]));
}

/** The packages of others that these folders depend on, by way of ours too. */
async function dependenciesOf(dirs: readonly string[]) {
  const required = new Set<string>();
  const optional = new Set<string>();
  const seen = new Set(dirs);
  for (const dir of seen) {
    const { dependencies = {}, optionalDependencies = {} } = await manifestOf(dir);
    for (const name of Object.keys(dependencies)) {
      if (name.startsWith("@chain/")) seen.add(name.replace("@chain/", "packages/"));
      else required.add(name);
    }
    for (const name of Object.keys(optionalDependencies)) optional.add(name);
  }
  return { required, optional };
}

/** Bundles the programs into `folder`. @returns the packages of others that they import */
async function bundle(folder: string): Promise<ReadonlySet<string>> {
  const external = new Set<string>();
  await build({
    entryPoints: [
      ...Object.entries(PROGRAMS).map(([out, dir]) => ({ in: `${ROOT}${dir}/src/main.ts`, out })),
      { in: `${ROOT}packages/fullnode/src/scripts/worker.ts`, out: "scripts/worker" },
    ],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@chain/source", "import", "node"],
    logLevel: "warning",
    plugins: [
      {
        name: "packages of others stay imports",
        setup({ onResolve }) {
          onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
            if (kind === "entry-point" || path.startsWith("node:")) return undefined;
            if (path.startsWith("@chain/")) return undefined;
            external.add(packageOf(path));
            return { path, external: true };
          });
        },
      },
    ],
  });
  return external;
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** @returns the path of the file */
async function pack(destination: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "chain-tarball-"));
  try {
    const { version, license, repository, engines } = await manifestOf(PROGRAMS["chain-node"]);
    const imported = await bundle(folder);
    // A bundler does not see what is loaded by its name alone, as native parts are: take all that our packages name.
    const { required, optional } = await dependenciesOf(Object.values(PROGRAMS));
    for (const name of imported) {
      if (!required.has(name) && !optional.has(name)) {
        throw new Error(`${name} is imported, and no package depends on it`);
      }
    }
    const versions = await catalog();
    const versioned = (names: ReadonlySet<string>) =>
      Object.fromEntries([...names].sort().map((name) => [name, versions.get(name)]));
    const bin = Object.fromEntries(Object.keys(PROGRAMS).map((name) => [name, `./${name}.js`]));
    const description =
      "A Bitcoin-style full node and a wallet (chain-node, chain-wallet), and their forms for what expects Bitcoin Core " +
      "(chain-bitcoind, chain-cli).";
    const manifest = {
      name: "chain-programs",
      version,
      description,
      license,
      repository,
      engines,
      bin,
    };
    const whole = {
      ...manifest,
      type: "module",
      files: ["*.js", "scripts/*.js"],
      dependencies: versioned(required),
      optionalDependencies: versioned(optional),
    };
    await writeFile(join(folder, "package.json"), `${JSON.stringify(whole, null, 2)}\n`);
    await copyFile(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
    await copyFile(join(ROOT, "apps/node/README.md"), join(folder, "README.md"));
    await mkdir(destination, { recursive: true });
    const args = ["pack", "--silent", "--pack-destination", destination];
    const { stdout } = await promisify(execFile)("npm", args, { cwd: folder });
    return join(destination, stdout.trim());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// pnpm runs scripts in the folder of the repository.
const file = await pack(resolve(process.argv[2] ?? ROOT));
console.log(file);
