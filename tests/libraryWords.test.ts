/** A library names its own options: the flags of a command line are for the programs, which have each their own. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";
import { LAYERS } from "./layering/layers.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The words of programs: `terminal` is their common part, and a test is run by hand. */
const PROGRAMS = ["packages/terminal", "packages/testing"];

/** Texts that are commands of other programs, to be copied. */
const COMMANDS: readonly string[] = [
  "packages/rpc/src/define/help.ts", // examples with curl, as in Core
  "packages/simnet/src/presets.ts", // how to see a run again: `pnpm sim`
];

/** String literals and pieces of templates. */
function textsOf(path: string): string[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(ROOT + path, "utf8"),
    ts.ScriptTarget.Latest,
  );
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isStringLiteralLike(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node)
    )
      found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test("no text of a library has a flag in it", () => {
  const folders = LAYERS.map(({ dir }) => dir).filter(
    (dir) => dir.startsWith("packages/") && !PROGRAMS.includes(dir),
  );
  const files = folders.flatMap((dir) =>
    readdirSync(`${ROOT}${dir}/src`, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => `${dir}/src/${path.replaceAll("\\", "/")}`),
  );
  expect(files.length).toBeGreaterThan(300);
  const withFlags = files.filter((file) =>
    textsOf(file).some((text) => /(?:^|[\s`("'])--[a-z][a-z-]+/.test(text)),
  );
  expect(withFlags.sort()).toEqual([...COMMANDS].sort());
});
