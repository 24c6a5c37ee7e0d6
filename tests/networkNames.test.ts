/** No code asks for a network by its name: what it wants to know of a network is a field of it. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The places where networks are data: their parameters, the table of the programs, and Core's names. */
const DATA = [
  "packages/core/src/networks/",
  "packages/fullnode/src/networks.ts",
  "packages/terminal/src/bitcoin/networks.ts",
];

const sources: readonly string[] = ["packages", "apps"].flatMap((group) =>
  readdirSync(`${root}${group}`).flatMap((name) =>
    readdirSync(`${root}${group}/${name}/src`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `${group}/${name}/src/${file}`),
  ),
);

const isData = (path: string): boolean => DATA.some((place) => path.startsWith(place));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");

/** The names in the tables. Testnet3 and Core's name of mainnet are none of ours, and would be asked for as well. */
const NAMES: ReadonlySet<string> = new Set([
  ...sources
    .filter(isData)
    .flatMap((path) => [...read(path).matchAll(/\bname: "(\w+)"/g)])
    .map(([, name = ""]) => name),
  "testnet",
  "testnet3",
  "main",
]);

/** Texts in a source that are the name of a network and nothing else, as `file:line name`. */
function namesIn(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isText = ts.isStringLiteralLike(node) || ts.isIdentifier(node);
    // `regtest` as the name of a variable is a value; as that of a property it is a question of the name.
    const asks = ts.isStringLiteralLike(node) || ts.isPropertyAssignment(node.parent ?? node);
    if (isText && (asks || isCompared(node)) && NAMES.has(node.text) && !isInitializer(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${path}:${line + 1} ${node.text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether a value is compared: `params === regtest` asks which network it is, as its name would. */
function isCompared({ parent }: ts.Node): boolean {
  if (ts.isCaseClause(parent)) return true;
  return ts.isBinaryExpression(parent) && /^[!=]==?$/.test(parent.operatorToken.getText());
}

/** The value of a property, as in `{ params: regtest }`. */
function isInitializer(node: ts.Node): boolean {
  const { parent } = node;
  return ts.isIdentifier(node) && ts.isPropertyAssignment(parent) && parent.initializer === node;
}

test("no source but the tables has the name of a network", () => {
  expect(sources.length).toBeGreaterThan(300);
  const bitcoin = ["mainnet", "testnet4", "signet", "regtest"];
  expect([...NAMES]).toEqual(expect.arrayContaining(["devnet", ...bitcoin]));
  const asking = sources.filter((path) => !isData(path));
  expect(asking.flatMap((path) => namesIn(path, read(path)))).toEqual([]);
});

test.each([
  ['if (params.name === "regtest") relax();', 1],
  ['switch (network) { case "mainnet": return 1; default: return 2; }', 1],
  ["const ports = { mainnet: 8333, signet: 38333 };", 2],
  ["const is = name !== `testnet4`;", 1],
  ['const own = ["devnet", other].includes(name);', 1],
  ['const chain = params.name === "main" ? 1 : 2;', 1],
  ["if (params === regtest) relax();", 1],
  ["const real = mainnet !== params;", 1],
  ["switch (params) { case signet: return 1; default: return 2; }", 1],
  ["const params = regtest; use({ params: regtest }, regtest.genesis);", 0],
  ['say("add --network regtest");', 0],
])("%s is found %i times", (text, count) => {
  expect(namesIn("x.ts", text)).toHaveLength(count);
});
