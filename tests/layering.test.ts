import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { checkPackage, type PackageSources } from "./layering/checker.ts";
import { EXEMPTIONS, LAYERS, type Layer } from "./layering/layers.ts";
import { otherApps, strayImports } from "./layering/paths.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

function readManifest(dir: string): { name: string; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(`${ROOT}/${dir}/package.json`, "utf8"));
}

function readPackage(layer: Layer): PackageSources {
  const files = readdirSync(`${ROOT}/${layer.dir}/src`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `src/${path.replaceAll("\\", "/")}`);
  return {
    layer,
    dependencies: Object.keys(readManifest(layer.dir).dependencies ?? {}),
    files: new Map(
      files.map((file) => [file, readFileSync(`${ROOT}/${layer.dir}/${file}`, "utf8")]),
    ),
  };
}

describe("the workspace", () => {
  test("every package stands in the table of layers under its own name", () => {
    const dirs = ["packages", "apps"].flatMap((parent) =>
      readdirSync(`${ROOT}/${parent}`)
        .map((name) => `${parent}/${name}`)
        .filter((dir) => existsSync(`${ROOT}/${dir}/package.json`)),
    );
    expect(dirs.map((dir) => [dir, readManifest(dir).name]).sort()).toEqual(
      LAYERS.map(({ dir, name }) => [dir, name]).sort(),
    );
  });

  test("nothing is exempted", () => {
    expect(EXEMPTIONS).toEqual([]);
  });

  test.each(LAYERS.map((layer) => [layer.name, layer] as const))(
    "%s keeps to its layer",
    (_, layer) => {
      const findings = checkPackage(readPackage(layer));
      expect(findings.filter((finding) => !EXEMPTIONS.includes(finding))).toEqual([]);
    },
  );
});

describe("imports by path", () => {
  const FOLDERS = [
    "scripts",
    "tests",
    ...LAYERS.flatMap(({ dir }) => ["src", "test", "bench"].map((name) => `${dir}/${name}`)),
  ];

  test("stay in the package of the file", () => {
    const paths = FOLDERS.filter((folder) => existsSync(`${ROOT}/${folder}`)).flatMap((folder) =>
      readdirSync(`${ROOT}/${folder}`, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts"))
        .map((path) => `${folder}/${path.replaceAll("\\", "/")}`),
    );
    expect(paths.length).toBeGreaterThan(500);
    const texts = paths.map((path) => [path, readFileSync(`${ROOT}/${path}`, "utf8")] as const);
    expect(strayImports(new Map(texts))).toEqual([]);
    expect(otherApps(new Map(texts))).toEqual([]);
  });

  test("an app that names a file of another app is refused", () => {
    const text = 'const main = new URL("../../b/src/main.ts", import.meta.url);';
    const at = (file: string) => otherApps(new Map([[file, text]]));
    expect(at("apps/a/bench/x.bench.ts")).toEqual([
      "apps/a/bench/x.bench.ts: names apps/b/src/main.ts by path",
    ]);
    expect(at("apps/b/test/x.test.ts")).toEqual([]);
    expect(at("packages/a/test/x.test.ts")).toEqual([]);
  });

  test("an app may import no app", () => {
    const apps = LAYERS.filter(({ dir }) => dir.startsWith("apps/")).map(({ name }) => name);
    expect(apps).toEqual([
      "@chain/node",
      "@chain/bitcoind",
      "@chain/bitcoin-cli",
      "@chain/wallet-cli",
      "@chain/browser-node",
    ]);
    for (const { mayImport } of LAYERS) {
      expect(mayImport.filter((name) => apps.includes(name))).toEqual([]);
    }
  });

  test.each([
    ["packages/a/test/x.test.ts", "../../b/test/support/y.ts", "packages/b/test/support/y.ts"],
    ["packages/a/test/x.test.ts", "../../b/src/y.ts", "packages/b/src/y.ts"],
    ["packages/a/bench/x.bench.ts", "../../../tests/y.ts", "tests/y.ts"],
    ["apps/a/test/x.test.ts", "../../b/src/main.ts", "apps/b/src/main.ts"],
    ["apps/a/test/x.test.ts", "../../../scripts/demo.ts", "scripts/demo.ts"],
    ["apps/a/src/x.ts", "../../../packages/b/src/y.ts", "packages/b/src/y.ts"],
    ["scripts/x.ts", "../packages/b/test/y.ts", "packages/b/test/y.ts"],
    ["tests/x.test.ts", "../apps/b/bench/y.ts", "apps/b/bench/y.ts"],
  ])("from %s to %s are refused", (file, specifier, target) => {
    for (const text of [
      `import { a } from "${specifier}";`,
      `export type { A } from "${specifier}";`,
      `const a = await import("${specifier}");`,
    ]) {
      expect(strayImports(new Map([[file, text]]))).toEqual([`${file}: imports ${target} by path`]);
    }
  });

  test.each([
    ["packages/a/test/x.test.ts", "./support/y.ts"],
    ["packages/a/test/x.test.ts", "../src/y.ts"],
    ["apps/a/tsup.config.ts", "../../tsup.base.ts"],
    ["scripts/x.ts", "../packages/b/src/index.ts"],
    ["packages/a/test/x.test.ts", "@chain/testing/blockFactory"],
  ])("from %s to %s pass", (file, specifier) => {
    expect(strayImports(new Map([[file, `import { a } from "${specifier}";`]]))).toEqual([]);
  });
});

/** The findings for a package of one file, `src/a.ts`, unless more are given. */
function check(
  text: string,
  {
    layer = {},
    dependencies = [],
    files = {},
  }: {
    layer?: Partial<Layer>;
    dependencies?: readonly string[];
    files?: Readonly<Record<string, string>>;
  } = {},
): string[] {
  return checkPackage({
    layer: { name: "@chain/x", dir: "packages/x", mayImport: [], pure: true, ...layer },
    dependencies,
    files: new Map(Object.entries({ "src/a.ts": text, ...files })),
  }).map((finding) => finding.replace("packages/x/", ""));
}

describe("the checker refuses", () => {
  test.each([
    [`import { readFile } from "node:fs";`, "imports node:fs"],
    [`import type { Socket } from "node:net";`, "imports node:net"],
    [`export * from "node:path";`, "imports node:path"],
    [`const fs = await import("node:fs");`, "imports node:fs"],
    [`type T = import("node:net").Socket;`, "imports node:net"],
    [`import { Node } from "@chain/engine";`, "imports @chain/engine"],
    [`import { levelStore } from "@chain/storage/level";`, "imports @chain/storage/level"],
    [`import { ClassicLevel } from "classic-level";`, "imports undeclared classic-level"],
    [`import { it } from "@chain/x";`, "imports its own package @chain/x"],
    [`import { it } from "./index.ts";`, "imports its own index"],
    [
      `import { it } from "../../core/src/a.ts";`,
      "reaches outside its sources: ../../core/src/a.ts",
    ],
    [`const name = "fs"; await import(name);`, "imports undeclared (name)"],
  ])("import: %s", (text, message) => {
    expect(check(text)).toEqual([`src/a.ts: ${message}`]);
  });

  test.each([
    ["export const b = Buffer.alloc(1);", "uses Buffer"],
    ["export const f = (): number => Date.now();", "uses Date"],
    ["export const f = (): unknown => new Date();", "uses Date"],
    ["export const f = (d: Date): number => d.getTime();", "uses Date"],
    ["export const f = (): number => Math.random();", "uses Math.random"],
    [`export const f = (): number => Math["random"]();`, "uses Math.random"],
    ["const { random } = Math;", "uses Math.random"],
    ["setTimeout(() => {}, 1);", "uses setTimeout"],
    ["setInterval(() => {}, 1);", "uses setInterval"],
    ["setImmediate(() => {});", "uses setImmediate"],
    ["queueMicrotask(() => {});", "uses queueMicrotask"],
    [`console.log("x");`, "uses console"],
    ["export const o = { console };", "uses console"],
    ["export const e = process.env;", "uses process"],
    ["declare const process: unknown; export const e = process;", "uses process"],
    ["globalThis.crypto.getRandomValues(new Uint8Array(1));", "uses globalThis"],
    ["performance.now();", "uses performance"],
  ])("platform: %s", (text, message) => {
    expect(check(text)).toEqual([`src/a.ts: ${message}`]);
  });

  test.each([
    ["let count = 0;", "module state: let count"],
    ["export var count = 0;", "module state: let count"],
    ["const cache = new Map<string, number>();", "module state: cache"],
    ["const seen: Set<string> = new Set();", "module state: seen"],
    ["const seen = new WeakMap();", "module state: seen"],
    ["const queue: string[] = [];", "module state: queue"],
    ["const table: Record<string, number> = {};", "module state: table"],
    ["class A { static count = 0; }", "module state: static count"],
    ["class A { static readonly seen = new Set<string>(); }", "module state: static seen"],
  ])("state: %s", (text, message) => {
    expect(check(text)).toEqual([`src/a.ts: ${message}`]);
  });

  test("a cycle between files, types included", () => {
    const files = {
      "src/b.ts": `export { c } from "./c.ts";`,
      "src/c.ts": `import type { A } from "./a.ts";`,
    };
    expect(check(`import { b } from "./b.ts";`, { files })).toEqual([
      "src/a.ts: cycle src/a.ts -> src/b.ts -> src/c.ts -> src/a.ts",
    ]);
  });

  test("a dependency against the arrows", () => {
    expect(check("", { dependencies: ["@chain/engine", "@noble/hashes"] })).toEqual([
      "package.json: depends on @chain/engine",
    ]);
  });

  test("what a browser cannot load behind an entry meant for it", () => {
    const layer = { pure: false, browserSafe: ["src/index.ts"] };
    const files = {
      "src/index.ts": `export * from "./memory.ts";`,
      "src/memory.ts": `import { open } from "./files.ts";`,
      "src/files.ts": `import { readFile } from "node:fs";`,
    };
    expect(check(`import { write } from "node:fs";`, { layer, files })).toEqual([
      "src/files.ts: imports node:fs and is part of src/index.ts, which must run in a browser",
    ]);
  });
});

describe("the checker lets pass", () => {
  test.each([
    `const NAMES: ReadonlyMap<string, number> = new Map([["a", 1]]); export const a = NAMES.get("a");`,
    "const NONE: readonly string[] = [];",
    "export function f(): number { let n = 0; const seen = new Set(); n += seen.size; return n; }",
    "interface Clock { Date: number; process(): void } export const f = (c: Clock) => c.process();",
    "export function process(n: number): number { return n; } export const x = process(1);",
    "export const half = Math.floor(1.5);",
    "class A { static readonly SIZE = 80; count = 0; }",
    `// Date, Buffer and import("node:fs") in a comment
     export const text = "Date.now() process.env";`,
  ])("%s", (text) => {
    expect(check(text)).toEqual([]);
  });

  test("what the layer allows", () => {
    const layer = { mayImport: ["@chain/core", "@chain/storage"] };
    const dependencies = ["@chain/core", "@chain/storage", "@noble/hashes"];
    const text = `import { a } from "@chain/core"; import { b } from "@chain/storage";
      import { sha256 } from "@noble/hashes/sha2.js"; import { c } from "./deep/c.ts";`;
    expect(check(text, { layer, dependencies })).toEqual([]);
  });
});
