import { posix } from "node:path";
import ts from "typescript";
import { importsOf } from "./checker.ts";

/** A folder of the engine, and which others its files may import. */
export interface Wing {
  /** From `packages/engine/src`; `net` is the files of that folder itself. */
  readonly folder: string;
  readonly mayImport: readonly string[];
}

/**
 * The wings of the engine, from the bottom to the top: a wing may import only wings above it in this table, so no two
 * can import each other, directly or by way of others.
 */
export const WINGS: readonly Wing[] = [
  { folder: "mempool", mayImport: [] },
  { folder: "chain", mayImport: ["mempool"] },
  { folder: "fees", mayImport: ["chain", "mempool"] },
  { folder: "mining", mayImport: ["chain", "mempool"] },
  { folder: "net/kit", mayImport: [] },
  { folder: "net/peer", mayImport: ["net/kit"] },
  { folder: "net/connecting", mayImport: ["net/kit", "net/peer"] },
  { folder: "net/gossip", mayImport: ["net/kit", "net/connecting"] },
  { folder: "net/blocks", mayImport: ["chain", "net/kit", "net/peer"] },
  { folder: "net/transactions", mayImport: ["chain", "net/kit", "net/peer"] },
  {
    folder: "net/conversation",
    mayImport: ["chain", "net/kit", "net/peer", "net/gossip", "net/blocks", "net/transactions"],
  },
  { folder: "net", mayImport: ["net/kit", "net/peer", "net/connecting", "net/conversation"] },
];

/** The files that every wing may import: those of `src` that speak of no wing. The others are for the top. */
const GROUND: readonly string[] = [
  "errors.ts",
  "eventHub.ts",
  "events.ts",
  "ports.ts",
  "requireOptions.ts",
];

/** And one that only the top may: the options of a node name parts of several wings. */
const FOR_THE_TOP: Readonly<Record<string, readonly string[]>> = { net: ["nodeOptions.ts"] };

/** The wings that a light node takes from the engine: these, and those that they import, know no chain of blocks. */
export const WITHOUT_CHAIN: readonly string[] = [
  "net/kit",
  "net/peer",
  "net/connecting",
  "net/gossip",
];

/**
 * Imports between wings that the table does not allow, each as `file: imports target`.
 * @param files text by path from `packages/engine/src`
 */
export function wingFindings(files: ReadonlyMap<string, string>): string[] {
  const findings: string[] = [];
  for (const [file, text] of files) {
    const from = wingOf(file);
    const wing = WINGS.find(({ folder }) => folder === from);
    if (wing === undefined && from !== ".") findings.push(`${file}: is in no wing of the table`);
    for (const target of localImports(file, text)) {
      if (!isAllowed(file, wing, target)) findings.push(`${file}: imports ${target}`);
    }
  }
  return findings;
}

function isAllowed(file: string, wing: Wing | undefined, target: string): boolean {
  const from = wingOf(file);
  const to = wingOf(target);
  // The ground knows no wing; the node and its index, which are above all wings, know all of them.
  if (from === ".") return to === "." || !GROUND.includes(file);
  if (to === from) return true;
  if (to !== ".") return wing?.mayImport.includes(to) === true;
  return GROUND.includes(target) || FOR_THE_TOP[from]?.includes(target) === true;
}

function wingOf(path: string): string {
  return posix.dirname(path);
}

/** The wings that the files of one import, sorted. */
export function wingImports(files: ReadonlyMap<string, string>, folder: string): string[] {
  const targets = [...files]
    .filter(([file]) => wingOf(file) === folder)
    .flatMap(([file, text]) => localImports(file, text).map(wingOf));
  return [...new Set(targets)].filter((wing) => wing !== folder && wing !== ".").sort();
}

function localImports(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  return importsOf(source)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => posix.join(posix.dirname(file), specifier));
}
