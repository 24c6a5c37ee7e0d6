/**
 * Runs a program of this repository from its sources, in any folder and without network. The sources are put together
 * with esbuild, a fifth of a second, whenever one of them has changed.
 */
"use strict";

const { existsSync, readdirSync, renameSync, rmSync, statSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");

const root = join(__dirname, "..");

/** The newest of all sources, and how many there are: what was made of others is made again. */
function stateOfSources() {
  let newest = 0;
  let count = 0;
  for (const parent of ["packages", "apps"]) {
    for (const name of readdirSync(join(root, parent))) {
      const source = join(root, parent, name, "src");
      if (!existsSync(source)) continue;
      for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
        count++;
      }
    }
  }
  newest = Math.max(
    newest,
    statSync(join(root, "pnpm-lock.yaml")).mtimeMs,
    statSync(__filename).mtimeMs,
  );
  return `${Math.round(newest)}-${count}`;
}

/** Threads that run scripts. */
const WORKER = join(root, "packages", "fullnode", "src", "scripts", "worker.ts");

/** Packages of others stay where they are, and sources of ours know where they were. */
const inPlace = {
  name: "in place",
  setup(build) {
    const { readFileSync } = require("node:fs");
    build.onResolve(
      { filter: /^[^.]/ },
      async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (kind === "entry-point" || pluginData === "resolving" || path.startsWith("node:"))
          return;
        const isOurs = path.startsWith("@chain/");
        const options = { kind, importer, resolveDir, pluginData: "resolving" };
        const found = await build.resolve(path, options);
        if (found.errors.length > 0 || isOurs || found.path === path) return found;
        return { path: pathToFileURL(found.path).href, external: true };
      },
    );
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8");
      const where = JSON.stringify(pathToFileURL(path).href);
      // The program of worker threads is beside what is made here.
      const isMade = path.endsWith("workerFile.ts");
      return {
        contents: isMade ? contents : contents.replaceAll("import.meta.url", where),
        loader: "ts",
      };
    });
  },
};

/**
 * Makes a folder with `main.mjs` of a file in TypeScript. What only some commands need is in files of its own, which they
 * load. `others` are entries beside it, by name. Source maps are files of their own as well: Node would read them at each start.
 */
async function bundle(entry, folder, others = {}) {
  const { build } = require("esbuild");
  const made = `${folder}.${process.pid}`;
  await build({
    entryPoints: { main: entry, ...others },
    outdir: made,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    conditions: ["@chain/source", "import", "node"],
    mainFields: ["module", "main"],
    sourcemap: "linked",
    logLevel: "warning",
    plugins: [inPlace],
  });
  try {
    renameSync(made, folder);
  } catch (error) {
    // Another process was faster.
    rmSync(made, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** Removes what was made of earlier sources. */
function removeOld(program, folder) {
  // Not those that other processes are making, which have a process number behind.
  const isOld = (name) =>
    name.startsWith(`${program}-`) && /^\d+-\d+(\.mjs)?$/.test(name.slice(program.length + 1));
  const cache = dirname(folder);
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    if (isOld(name) && path !== folder) rmSync(path, { recursive: true, force: true });
  }
}

function fail(why) {
  const asJson = process.argv.some((argument) => /^--?json$/.test(argument));
  const error = { code: "io", message: why };
  process.stderr.write(asJson ? `${JSON.stringify({ error })}\n` : `error: ${why}\n`);
  process.exitCode = 1;
}

/** @param {"node" | "wallet-cli" | "bitcoind" | "bitcoin-cli"} program */
async function launch(program) {
  if (!existsSync(join(root, "node_modules"))) {
    fail(`nothing is installed yet: run "npx pnpm@12 install" in ${root} first`);
    return;
  }
  const cache = join(root, "node_modules", ".cache", "chain");
  const folder = join(cache, `${program}-${stateOfSources()}`);
  try {
    if (!existsSync(folder)) {
      const others = program === "bitcoin-cli" ? {} : { "scripts/worker": WORKER };
      await bundle(join(root, "apps", program, "src", "main.ts"), folder, others);
      removeOld(program, folder);
    }
  } catch (error) {
    fail(`the program can't be made from its sources: ${error.message}`);
    return;
  }
  // Of Node 22 and later: the next start need not compile again.
  require("node:module").enableCompileCache?.(join(cache, "compiled"));
  await import(pathToFileURL(join(folder, "main.mjs")).href);
}

exports.launch = launch;
exports.bundle = bundle;
