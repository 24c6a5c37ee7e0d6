/** Each package's README names what the package exports. */
import { readFileSync } from "node:fs";
import * as core from "@chain/core";
import * as engine from "@chain/engine";
import * as signatures from "@chain/signatures";
import * as simnet from "@chain/simnet";
import * as storage from "@chain/storage";
import * as wallet from "@chain/wallet";
import * as wire from "@chain/wire";
import { expect, test } from "vitest";

const PACKAGES = { core, engine, signatures, simnet, storage, wallet, wire };

/** What stands between backquotes in the section on exports. */
function namesIn(name: string): ReadonlySet<string> {
  const url = new URL(`../packages/${name}/README.md`, import.meta.url);
  const [, section = ""] = readFileSync(url, "utf8").split("\n## Exports\n");
  const [list = ""] = section.split("\n## ");
  return new Set([...list.matchAll(/`(\w+)`/g)].map(([, word]) => word as string));
}

test.each(Object.entries(PACKAGES))("the README of %s names every export", (name, exports) => {
  const named = namesIn(name);
  expect(Object.keys(exports).filter((each) => !named.has(each))).toEqual([]);
});

test("the README of wire names every message", () => {
  const named = namesIn("wire");
  expect(Object.keys(wire.messageCodecs).filter((command) => !named.has(command))).toEqual([]);
});
