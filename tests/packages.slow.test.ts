import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LAYERS } from "./layering/layers.ts";
import { npmInstall, type Outcome, outsideEnvironment, pnpm, run } from "./packages/run.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TOOLS = join(ROOT, "node_modules");
const TSX = import.meta.resolve("tsx");
const ATTW = fileURLToPath(
  new URL("dist/index.js", import.meta.resolve("@arethetypeswrong/cli/package.json")),
);

const PUBLISHED = LAYERS.filter(({ isPrivate }) => isPrivate !== true);
const LIBRARIES = PUBLISHED.filter(({ dir }) => dir.startsWith("packages/"));
const PROGRAMS = PUBLISHED.filter(({ dir }) => dir.startsWith("apps/"));

/** An empty project outside the workspace, where only the packed packages can be found. */
let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "chain-packages-"));
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

function expectSuccess({ code, output }: Outcome): void {
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
}

/** A folder for each package. */
function tarballFolder(dir: string): string {
  return join(project, "tarballs", dir);
}

function tarballOf(dir: string): string {
  const [file] = readdirSync(tarballFolder(dir));
  if (file === undefined) expect.fail(`${dir} was not packed`);
  return join(tarballFolder(dir), file);
}

/** Puts the examples of a package's README, the blocks fenced as `ts`, into the project and says under which names. */
function placeExamples(dir: string): string[] {
  const readme = readFileSync(join(ROOT, dir, "README.md"), "utf8");
  const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code as string);
  if (examples.length === 0) expect.fail(`${dir}/README.md has no \`\`\`ts example`);
  return examples.map((example, n) => {
    const file = `${dir.replace("packages/", "")}${n}.ts`;
    writeFileSync(join(project, file), example);
    return file;
  });
}

describe.each(PUBLISHED)("$name, as it would be published", ({ dir }) => {
  test("builds and packs", async () => {
    const destination = tarballFolder(dir);
    mkdirSync(destination, { recursive: true });
    expectSuccess(await pnpm(["pack", "--pack-destination", destination], join(ROOT, dir)));
  });

  test("publint finds nothing", async () => {
    const bytes = readFileSync(tarballOf(dir));
    const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  test("its types resolve wherever ESM does", async () => {
    const options = ["--profile", "esm-only", "--no-definitely-typed", "--no-emoji"];
    expectSuccess(await run(process.execPath, [ATTW, tarballOf(dir), ...options], project));
  });
});

describe("in an empty project", () => {
  test("all packages install from their tarballs", async () => {
    const dependencies = Object.fromEntries(
      PUBLISHED.map(({ name, dir }) => [name, `file:${tarballOf(dir)}`]),
    );
    // The dependencies of the packages on each other are in the tarballs too, not in a registry.
    const overrides = Object.fromEntries(PUBLISHED.map(({ name }) => [name, `$${name}`]));
    const manifest = { private: true, type: "module", dependencies, overrides };
    writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
    expectSuccess(await npmInstall(project));
  });

  test.each(LIBRARIES)("the examples in $name's README run", async ({ dir }) => {
    for (const file of placeExamples(dir)) {
      expectSuccess(await run(process.execPath, ["--import", TSX, file], project));
    }
  });

  test.each(LIBRARIES)("CommonJS requires $name", async ({ name }) => {
    const code = `console.log(Object.keys(require(${JSON.stringify(name)})).length > 0)`;
    const outcome = await run(process.execPath, ["--input-type=commonjs", "-e", code], project);
    expectSuccess(outcome);
    expect(outcome.stdout.trim()).toBe("true");
  });

  test("the examples type-check against the published declarations", async () => {
    const examples = LIBRARIES.flatMap(({ dir }) => placeExamples(dir));
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2023"];
    const types = ["--types", "node", "--typeRoots", join(TOOLS, "@types")];
    const tsc = join(TOOLS, ".bin", "tsc");
    expectSuccess(await run(tsc, [...options, ...types, ...examples], project));
  });

  // As the README of core tells it.
  test("Jest imports the packages, in ES modules and in CommonJS", async () => {
    const folder = join(project, "jest");
    mkdirSync(folder);
    const manifest = { private: true, dependencies: { jest: "30" } };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    expectSuccess(await npmInstall(folder));
    const body = `
      expect(core.formatAmount(50_000_000n)).toBe("0.5");
      expect(wallet.addressOfScript(new wallet.PrivateKey(new Uint8Array(32).fill(7)).script, core.regtest))
        .toBe("mvSvTtvD9H9fkgi8MGDyLALgRaR2LhnWFM");`;
    writeFileSync(
      join(folder, "esm.test.mjs"),
      `import * as core from "@chain/core";\nimport * as wallet from "@chain/wallet";\ntest("esm", () => {${body}\n});\n`,
    );
    const imports = `const core = await import("@chain/core");\nconst wallet = await import("@chain/wallet");`;
    writeFileSync(
      join(folder, "commonjs.test.js"),
      `test("commonjs", async () => {${imports}${body}\n});\n`,
    );
    // Version 30 looks for files of that kind only where it is told.
    const match = ["--testMatch", "**/*.test.js", "--testMatch", "**/*.test.mjs"];
    const env = { ...outsideEnvironment(), NODE_OPTIONS: "--experimental-vm-modules" };
    const jest = join(folder, "node_modules", "jest", "bin", "jest.js");
    const outcome = await run(process.execPath, [jest, ...match], folder, env);
    expectSuccess(outcome);
    expect(outcome.output).toContain("2 passed, 2 total");
  });

  test.each(PROGRAMS)("the command of $name starts and says how it is used", async ({ dir }) => {
    const { publishConfig } = JSON.parse(readFileSync(join(ROOT, dir, "package.json"), "utf8"));
    const [command = ""] = Object.keys(publishConfig.bin);
    const outcome = await run(join(project, "node_modules", ".bin", command), ["--help"], project);
    expectSuccess(outcome);
    expect(outcome.stdout).toContain(`Usage: ${command}`);
  });
});

/** Does what docs/releasing.md and the Dockerfile do. */
test("the programs install from one tarball, and make a chain that pays", async () => {
  const folder = join(project, "programs");
  const packed = await pnpm(["--silent", "tarball", join(folder, "packed")], ROOT);
  expectSuccess(packed);
  const tarball = packed.stdout.trim();
  expectSuccess(await npmInstall(folder, "--global", "--prefix", folder, tarball));
  const use = (command: string, ...args: string[]) => {
    const settings = { CHAIN_DATADIR: folder, NODE_ID: "3999" };
    return run(join(folder, "bin", command), args, folder, {
      ...outsideEnvironment(),
      ...settings,
    });
  };
  const made = await use("chain-wallet", "createwallet");
  expectSuccess(made);
  const address = made.stdout.trim();
  expectSuccess(await use("chain-node", "createblockchain", "--address", address));
  const paid = await use(
    "chain-wallet",
    "send",
    "--from",
    address,
    "--to",
    address,
    "--amount",
    "1",
    "--mine",
  );
  expectSuccess(paid);
  const balance = await use("chain-wallet", "getbalance", "--address", address, "--json");
  expect(JSON.parse(balance.stdout)).toMatchObject([{ balance: "20" }]);
  for (const command of ["chain-bitcoind", "chain-cli"]) {
    const said = await use(command, "-version");
    expectSuccess(said);
    expect(said.stdout).toMatch(new RegExp(`^${command}\\b.*version v\\d`));
  }
});
