/** A lookup may find nothing: `present(value, what)` says so, where a cast would let `undefined` go on. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** Methods that give `undefined` where they find nothing. */
const LOOKUP = /^(at|get|find|findLast|pop|shift|exec|match|\w+At)$/;

/** Casts that stay, by file: how many, and why. */
const EXEMPT: Readonly<Record<string, readonly [count: number, reason: string]>> = {
  "packages/core/src/chain/headerTable.ts": [1, "hot, below an index that is checked"],
  "packages/engine/src/mempool/heap.ts": [4, "hot, within the length of the heap"],
  "packages/engine/src/net/conversation/messageHandler.ts": [1, "a table of all messages"],
  "packages/rpc/src/define/parameters.ts": [
    1,
    "asks whether it is there first, as null is a value",
  ],
  "packages/rpc/src/json/parse.ts": [1, "hot, within the length of the text"],
  "packages/simnet/src/seededRandom.ts": [2, "hot, within the length of the list"],
  "packages/simnet/src/virtualTime.ts": [5, "hot, within the length of the heap"],
  "packages/storage/src/level/crc32c.ts": [1, "a table that is being filled"],
};

function sources(): string[] {
  return ["packages", "apps"].flatMap((parent) =>
    readdirSync(`${ROOT}${parent}`)
      .filter((name) => name !== "testing")
      .flatMap((name) =>
        readdirSync(`${ROOT}${parent}/${name}/src`, { recursive: true, encoding: "utf8" })
          .filter((path) => path.endsWith(".ts"))
          .map((path) => `${parent}/${name}/src/${path}`),
      ),
  );
}

/** Whether an expression is `list[i]`, `map.get(key)` or the like. */
function isLookup(node: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(node)) return isLookup(node.expression);
  if (ts.isAwaitExpression(node)) return isLookup(node.expression);
  if (ts.isElementAccessExpression(node)) return true;
  if (ts.isPropertyAccessExpression(node)) return node.questionDotToken !== undefined;
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  return LOOKUP.test(node.expression.name.text);
}

/** Lines that cast a lookup, but to a number, as from typed arrays, or to a type that says that it may be missing. */
function castLookups(name: string, text: string): string[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isAsExpression(node) && isLookup(node.expression)) {
      const type = node.type.getText();
      if (!/^(const|number|unknown)$|\b(undefined|null)$/.test(type)) found.push(node.getText());
    }
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}

test.each([
  "list[0] as Block",
  "list.at(-1) as Block",
  "(await map.get(key)) as Block",
  "tree.activeAt(height) as HeaderNode",
  "found?.name as string",
])("%s is found", (text) => {
  expect(castLookups("x.ts", text)).toHaveLength(1);
});

test("what must be there is taken by `present`, and not by a cast", () => {
  const found = sources().flatMap((path) => {
    const casts = castLookups(path, readFileSync(ROOT + path, "utf8"));
    const [allowed] = EXEMPT[path] ?? [0];
    return casts.length === allowed ? [] : [`${path}: ${casts.join("; ")}`];
  });
  expect(found).toEqual([]);
});
