/** The mechanical part of how we write (CONTRIBUTING.md): a subject, a verb, and the field's words. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { pronounOpenings } from "./prose/openings.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PLACES = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "docs",
  "scripts",
  "packages",
  "apps",
];
const LEFT_OUT = ["node_modules", "dist"];
const TESTS = ["test", "bench"];

function filesIn(path: string, leftOut: readonly string[]): string[] {
  if (statSync(ROOT + path).isFile()) {
    return /\.(md|ts)$/.test(path) && !path.endsWith(".ko.md") ? [path] : [];
  }
  return readdirSync(ROOT + path)
    .filter((name) => !leftOut.includes(name))
    .flatMap((name) => filesIn(`${path}/${name}`, leftOut));
}

/** The words that stood in the way of readers, and the advice for each. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/\b(?:[Ww]hoever|[Ww]homever)\b/, "name the thing: the peer, the caller"],
  [/\b(?:he|his|him|himself)\b/, "a peer is it"],
  [/\b(?:anew|for want of)\b/, "again; because … is missing"],
  [/\bpart(?:s|ed)? with\b/, "disconnect"],
  [/\b(?:drives?|driven|drove) out\b/, "evict"],
  [/\bput together\b/, "reconstruct"],
  [
    /^\s*(?:\/\*\*|\*|\/\/) (?:Who|Whom|Whatever|Nobody|Somebody|Everybody)\b/,
    "begin with a subject",
  ],
];

test("comments, help and documents use the words of the field", () => {
  const files = PLACES.flatMap((place) => filesIn(place, [...LEFT_OUT, ...TESTS]));
  expect(files.length).toBeGreaterThan(300);
  const found: string[] = [];
  for (const file of files) {
    for (const [i, line] of readFileSync(ROOT + file, "utf8")
      .split("\n")
      .entries()) {
      for (const [pattern, advice] of RULES) {
        if (pattern.test(line)) found.push(`${file}:${i + 1}: ${line.trim()} (${advice})`);
      }
    }
  }
  expect(found).toEqual([]);
});

test("no comment of a source or a test begins with what or who", () => {
  const files = ["scripts", "packages", "apps", "tests"]
    .flatMap((place) => filesIn(place, LEFT_OUT))
    .concat(readdirSync(ROOT))
    .filter((path) => path.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(1000);
  const found = files.flatMap((file) =>
    pronounOpenings(readFileSync(ROOT + file, "utf8")).map((opening) => `${file}:${opening}`),
  );
  expect(found, "begin with the thing: the peer, the transaction; or with a verb").toEqual([]);
});

describe("an opening is found", () => {
  test.each([
    ["/** What a peer may send. */\nconst a = 1;", 1],
    ["/**\n * Whatever a peer sends.\n */\nconst a = 1;", 1],
    ["/** Sends it. What comes back is thrown away. */\nf();", 1],
    ["/**\n * @param a what it is\n */\nf();", 1],
    ["/** @returns who has it */\nf();", 1],
    ["f(); // what it is", 1],
    ["f();\n  // Who has it\n  // is asked.\ng();", 2],
    ["const table = {\n  // Whoever comes.\n};", 2],
    ["interface A {\n  /** What it is. */\n  readonly a: 1;\n}", 2],
  ])("%s", (text, line) => {
    expect(pronounOpenings(text)).toEqual([expect.stringMatching(`^${line}: `)]);
  });

  test.each([
    "/** Says\n * what it is. */\nf();",
    "// A peer says\n// what it is.\nf();",
    "/** Whether it is. */\nf();",
    'const a = "// what";',
    "/** @param what the name */\nf();",
  ])("and none in %s", (text) => {
    expect(pronounOpenings(text)).toEqual([]);
  });
});
