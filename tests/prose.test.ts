/** The mechanical part of how we write (CONTRIBUTING.md): a subject, a verb, and the field's words. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

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
const LEFT_OUT = ["node_modules", "dist", "test", "bench"];

function filesIn(path: string): string[] {
  if (statSync(ROOT + path).isFile()) {
    return /\.(md|ts)$/.test(path) && !path.endsWith(".ko.md") ? [path] : [];
  }
  return readdirSync(ROOT + path)
    .filter((name) => !LEFT_OUT.includes(name))
    .flatMap((name) => filesIn(`${path}/${name}`));
}

/** What stood in the way of readers, and the word that stands for it now. */
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
  const files = PLACES.flatMap(filesIn);
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
