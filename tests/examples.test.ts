/** Addresses in help texts, READMEs, documents and docstrings are there to be copied: each has a right checksum. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { DEVNET, regtest } from "../packages/core/src/index.ts";
import { type AddressParams, decodeAddress } from "../packages/wallet/src/address.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PLACES = [
  "README.md",
  "README.ko.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "docs",
  "scripts",
  "packages",
  "apps",
];

function filesIn(path: string): string[] {
  if (statSync(ROOT + path).isFile()) return /\.(md|ts)$/.test(path) ? [path] : [];
  return readdirSync(ROOT + path)
    .filter((name) => !["node_modules", "dist", "test", "bench"].includes(name))
    .flatMap((name) => filesIn(`${path}/${name}`));
}

/** Words in the form of an address of devnet or regtest, and words where a command takes one. */
const SHAPES = [
  /\b[Cmn2][1-9A-HJ-NP-Za-km-z]{32,34}\b/g,
  /\b(?:cdev|bcrt)1[02-9ac-hj-np-z]{8,}(?:…|\.\.\.)?/gi,
  /(?<=\s--?(?:address|from|to|miner|change)[ =])[^\s`"'\])]+/g,
];
/** A variable, a placeholder in capitals, words of the command's own, a height, a part of a docstring's sentence. */
const NO_ADDRESS = /^(\$\w+|<[\w.]+>|[A-Z_]+(_\d+)?|back\S*|fresh|\d{1,9}|makes)$/;

const isAddress = (text: string, params: AddressParams) => decodeAddress(text, params).ok;

test("every example address in help, READMEs, documents and docstrings can be decoded", () => {
  const found: string[] = [];
  const wrong: string[] = [];
  for (const file of PLACES.flatMap(filesIn)) {
    const text = readFileSync(ROOT + file, "utf8");
    for (const [word] of SHAPES.flatMap((shape) => [...text.matchAll(shape)])) {
      if (NO_ADDRESS.test(word)) continue;
      found.push(file);
      if (!isAddress(word, DEVNET) && !isAddress(word, regtest)) wrong.push(`${file}: ${word}`);
    }
  }
  expect(wrong).toEqual([]);
  // Help of both programs, and a README: the patterns above do find what they are for.
  for (const file of [
    "apps/node/README.md",
    "apps/node/src/commands/mine.ts",
    "apps/wallet-cli/src/commands/send.ts",
  ]) {
    expect(found).toContain(file);
  }
});
