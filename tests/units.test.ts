/** Quantities of time say their unit, in their name (`timeoutMs`) or by their type (`Seconds`, `Milliseconds` of core). */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const TIME =
  /(heartbeat|time|timeout|interval|delay|age|expiry|deadline|wait|pause|patience|after|day|duration|since|until|now|uptime|spacing|timespan|linger|elapsed|latency|within)$|(At|Due)$/i;
const UNIT = /(Ms|_MS|Seconds|_SECONDS|Days|_DAYS)$/;
/** They end like a time and are none. */
const OTHER =
  /(usage|message|storage|language|coverage|average|page|image|AT_A_TIME|lockTime|version)$|^at$/i;

/** Where another rule holds, by the beginning of a path. */
const EXEMPT: Readonly<Record<string, string>> = {
  "packages/rpc/src/": "fields of answers are called, and measured, as in Bitcoin Core",
  "packages/testing/": "of tests",
  "packages/engine/src/net/transactions/feeFilter.ts SPACING": "a factor",
  "packages/core/src/pow.ts interval": "a number of blocks",
  "packages/core/src/params.ts halvingInterval": "a number of blocks",
};

function sources(): string[] {
  return ["packages", "apps"].flatMap((parent) =>
    readdirSync(`${ROOT}${parent}`).flatMap((name) =>
      readdirSync(`${ROOT}${parent}/${name}/src`, { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts"))
        .map((path) => `${parent}/${name}/src/${path}`),
    ),
  );
}

/** Names of numbers in a file that are times by their names, and say no unit. */
function withoutUnit(path: string): string[] {
  const text = readFileSync(ROOT + path, "utf8");
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isDeclared =
      ts.isParameter(node) ||
      ts.isPropertySignature(node) ||
      ts.isPropertyDeclaration(node) ||
      (ts.isVariableDeclaration(node) && node.parent.parent.parent === file);
    if (isDeclared && isNumber(node)) {
      const name = node.name.getText().replace(/^#/, "");
      const isTime =
        (!OTHER.test(name) && (TIME.test(name) || isMadeOfTime(node))) || isCalledTime(node);
      if (isTime && !UNIT.test(name)) found.push(name);
    }
    node.forEachChild(visit);
  };
  visit(file);
  return found.map((name) => `${path} ${name}`);
}

function isNumber({
  type,
  initializer,
}: {
  readonly type?: ts.TypeNode | undefined;
  readonly initializer?: ts.Expression | undefined;
}): boolean {
  if (type !== undefined) return /^number( \| undefined)?$/.test(type.getText());
  return initializer !== undefined && /^[-\d_.*+ ()]+$/.test(initializer.getText());
}

/** Whether a constant is a product of the seconds or milliseconds in a minute, an hour or a day. */
function isMadeOfTime(node: ts.Node): boolean {
  return (
    ts.isVariableDeclaration(node) &&
    /\b(60 \* 60|24 \* 60|60_000|3_600|86_400)(_000)?\b/.test(node.initializer?.getText() ?? "")
  );
}

/** Whether a constant is one whose comment ends with a unit of time: "Milliseconds." */
function isCalledTime(node: ts.Node): boolean {
  const statement = node.parent.parent;
  if (!ts.isVariableStatement(statement)) return false;
  return ts
    .getJSDocCommentsAndTags(statement)
    .some((doc) => / (Milliseconds|Seconds)\.\s*\*\/$/.test(doc.getText()));
}

test("every number that is a time says in which unit", () => {
  const found = sources().flatMap(withoutUnit);
  const isExempt = (each: string) => Object.keys(EXEMPT).some((start) => each.startsWith(start));
  expect(found.filter((each) => !isExempt(each))).toEqual([]);
  // And the exceptions are there.
  expect(
    Object.keys(EXEMPT).filter((start) => !found.some((each) => each.startsWith(start))),
  ).toEqual([]);
});
