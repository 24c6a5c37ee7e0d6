/** Files that can be read in one go, and functions that fit on a screen or two. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { LAYERS } from "./layering/layers.ts";
import { functionsOf } from "./layout/functions.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MAX_FILE_LINES = 500;
/** A function has fewer. */
const FUNCTION_LINES = 70;

/** Longer files, with the reason of each. */
const LONGER: Readonly<Record<string, string>> = {
  "packages/rpc/src/client/methods.ts": "it is written by a program, and read by an editor",
};

/** The sources of all packages, and the tools: tests are long lists of cases by nature. */
const SOURCES: ReadonlyMap<string, string> = new Map(
  ["scripts", ...LAYERS.map(({ dir }) => `${dir}/src`)]
    .filter((folder) => existsSync(ROOT + folder))
    .flatMap((folder) =>
      readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts"))
        .map((path) => `${folder}/${path.replaceAll("\\", "/")}`),
    )
    .map((path) => [path, readFileSync(ROOT + path, "utf8")]),
);

test("no file has more than 500 lines but those that say why", () => {
  expect(SOURCES.size).toBeGreaterThan(300);
  const lengths = [...SOURCES].map(([path, text]) => [path, text.split("\n").length - 1] as const);
  const longer = lengths.filter(([, lines]) => lines > MAX_FILE_LINES).map(([path]) => path);
  // One that has become shorter needs no reason any more.
  expect(longer).toEqual(Object.keys(LONGER));
});

test("no function has 70 lines or more", () => {
  const long = [...SOURCES].flatMap(([path, text]) =>
    functionsOf(text)
      .filter(({ lines }) => lines >= FUNCTION_LINES)
      .map(({ name, lines }) => `${path}: ${name} has ${lines} lines`),
  );
  expect(long).toEqual([]);
});

describe("a function is measured", () => {
  const BODY = `{\n${"  f();\n".repeat(8)}}`;
  test.each([
    [`/** Says\n * much.\n */\nfunction f(): void ${BODY}`, "f"],
    [`export async function* f() ${BODY}`, "f"],
    [`const f = () => ${BODY};`, "f"],
    [`const table = { f: async function () ${BODY} };`, "f"],
    [`class A { f() ${BODY} }`, "A.f"],
    [`class A { static async #f() ${BODY} }`, "A.#f"],
    [`class A { constructor() ${BODY} }`, "A.constructor"],
    [`class A { get f() ${BODY} }`, "A.f"],
    [`call(() => ${BODY});`, "line 1"],
  ])("%s", (text, name) => {
    expect(functionsOf(text)).toEqual([{ name, lines: 10 }]);
  });

  test("with those inside it", () => {
    const text = `function f() {\n  const g = () => ${BODY};\n}`;
    expect(functionsOf(text)).toEqual([
      { name: "f", lines: 12 },
      { name: "g", lines: 10 },
    ]);
  });

  test("but no declaration without a body", () => {
    expect(functionsOf("interface A { f(): void } declare function g(): void;")).toEqual([]);
  });
});
