/** The folders of the engine import each other in one direction, by the table in `layering/wings.ts`. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { WINGS, WITHOUT_CHAIN, wingFindings, wingImports } from "./layering/wings.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SRC = `${ROOT}/packages/engine/src`;
const FILES: ReadonlyMap<string, string> = new Map(
  readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => [path.replaceAll("\\", "/"), readFileSync(`${SRC}/${path}`, "utf8")]),
);

test("a wing imports what the table allows it, and nothing else", () => {
  expect(FILES.size).toBeGreaterThan(90);
  expect(wingFindings(FILES)).toEqual([]);
});

test("the table allows nothing that no file needs", () => {
  const allowed = WINGS.map(({ folder, mayImport }) => [folder, [...mayImport].sort()]);
  expect(WINGS.map(({ folder }) => [folder, wingImports(FILES, folder)])).toEqual(allowed);
});

test("docs/architecture.md has the same table", () => {
  const page = readFileSync(`${ROOT}/docs/architecture.md`, "utf8");
  const rows = [...page.matchAll(/^\| `([\w/]+)\/`(?: itself)? \|.*\| ?([^|]*) \|$/gm)].map(
    ([, folder, imports = ""]) => [
      folder,
      [...imports.matchAll(/`([\w/]+)`/g)].map(([, it]) => it),
    ],
  );
  expect(rows).toEqual(WINGS.map(({ folder, mayImport }) => [folder, mayImport]));
});

test("a wing may import only wings above it in the table, so there are no cycles", () => {
  WINGS.forEach(({ folder, mayImport }, i) => {
    const above = WINGS.slice(0, i).map((wing) => wing.folder);
    expect(mayImport.filter((each) => !above.includes(each)).map((each) => [folder, each])).toEqual(
      [],
    );
  });
});

test("what a light node takes reaches neither the chain nor the mempool", () => {
  const reached = new Set(WITHOUT_CHAIN);
  for (const folder of reached) {
    for (const next of WINGS.find((wing) => wing.folder === folder)?.mayImport ?? []) {
      reached.add(next);
    }
  }
  expect([...reached].sort()).toEqual([...WITHOUT_CHAIN].sort());
  expect(reached).not.toContain("chain");
  expect(reached).not.toContain("mempool");
});

describe("an import is refused", () => {
  const check = (file: string, text: string) => wingFindings(new Map([[file, text]]));

  test.each([
    ["net/peer/peer.ts", "../connecting/addressBook.ts", "net/connecting/addressBook.ts"],
    ["net/connecting/banList.ts", "../../chain/manager.ts", "chain/manager.ts"],
    ["net/connecting/banList.ts", "../../mempool/mempool.ts", "mempool/mempool.ts"],
    ["net/connecting/banList.ts", "../../nodeOptions.ts", "nodeOptions.ts"],
    ["net/blocks/blockHandler.ts", "../conversation/peerState.ts", "net/conversation/peerState.ts"],
    ["net/kit/actions.ts", "../connections.ts", "net/connections.ts"],
    ["mempool/mempool.ts", "../chain/manager.ts", "chain/manager.ts"],
    ["chain/manager.ts", "../mining/template.ts", "mining/template.ts"],
    ["net/peer/peer.ts", "../../node.ts", "node.ts"],
    ["events.ts", "./chain/manager.ts", "chain/manager.ts"],
  ])("from %s to %s", (file, specifier, target) => {
    const findings = [`${file}: imports ${target}`];
    expect(check(file, `import { a } from "${specifier}";`)).toEqual(findings);
    expect(check(file, `import type { A } from "${specifier}";`)).toEqual(findings);
    expect(check(file, `type A = import("${specifier}").A;`)).toEqual(findings);
  });

  test("and a new folder has to stand in the table", () => {
    expect(check("net/light/a.ts", "")).toEqual(["net/light/a.ts: is in no wing of the table"]);
  });

  test.each([
    ["net/connecting/banList.ts", "../kit/subnet.ts"],
    ["net/connecting/banList.ts", "../../ports.ts"],
    ["net/connecting/banList.ts", "./addressBook.ts"],
    ["net/handshakes.ts", "../nodeOptions.ts"],
    ["node.ts", "./net/connections.ts"],
    ["nodeOptions.ts", "./chain/manager.ts"],
  ])("but not from %s to %s", (file, specifier) => {
    expect(check(file, `import { a } from "${specifier}";`)).toEqual([]);
  });
});
