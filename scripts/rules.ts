/**
 * Writes docs/rules.md: every reject reason and script error, the function that says it, its source, and the tests that
 * reach it. `pnpm rules` after a change of the rules; a test holds the page to the code, and every reason to a test.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = `${ROOT}docs/rules.md`;
const PACKAGES = ["packages/core", "packages/engine"];

/** A reason, where it is said. */
export interface Rule {
  /** Core's reject reason; `…` stands for what differs from case to case. */
  readonly reason: string;
  readonly kind: string;
  /** Path from the root, and the function in it. */
  readonly file: string;
  readonly functionName: string;
  /** BIPs and functions of Core that the code names. */
  readonly sources: readonly string[];
  /** Test files that expect it. */
  readonly tests: readonly string[];
}

/** A script error, and how many of Core's script tests end with it. */
export interface ScriptErrorEntry {
  readonly name: string;
  readonly sentence: string;
  readonly vectors: number;
  readonly tests: readonly string[];
}

/** All that packages refuse with, in the order of the code. */
export function rules(): readonly Rule[] {
  const tests = testSources();
  return PACKAGES.flatMap((root) => filesBelow(`${root}/src`))
    .flatMap((file) => rulesIn(file))
    .map((rule) => ({ ...rule, tests: tests.filter(mentions(rule.reason)).map(([path]) => path) }));
}

/** All script errors, with what Core's script_tests.json (of bitcore-lib) expects. */
export function scriptErrors(): readonly ScriptErrorEntry[] {
  const load = createRequire(`${ROOT}packages/core/package.json`);
  const cases: unknown[][] = load("bitcore-lib/test/data/bitcoind/script_tests.json");
  const tests = testSources();
  const file = "packages/core/src/script/scriptError.ts";
  const entries: ScriptErrorEntry[] = [];
  visit(parse(file), (node) => {
    if (!ts.isPropertyAssignment(node) || !ts.isStringLiteral(node.initializer)) return;
    const name = node.name.getText();
    const vectors = cases.filter((each) => each.includes(name)).length;
    const naming = tests.filter(([, text]) => new RegExp(`\\b${name}\\b`).test(text));
    const sentence = node.initializer.text;
    entries.push({ name, sentence, vectors, tests: naming.map(([path]) => path) });
  });
  return entries;
}

function rulesIn(file: string): readonly Omit<Rule, "tests">[] {
  const source = parse(file);
  const found: Omit<Rule, "tests">[] = [];
  visit(source, (node) => {
    if (!ts.isCallExpression(node)) return;
    // `bad` is what checkTransaction calls a refusal of kind `consensus`.
    const callee = node.expression.getText();
    const [kind, reason] =
      callee === "refuse"
        ? [node.arguments[0]?.getText().replaceAll('"', ""), node.arguments[1]]
        : [callee === "bad" ? "consensus" : undefined, node.arguments[0]];
    const text = reason === undefined ? undefined : reasonText(reason);
    if (kind === undefined || text === undefined) return;
    const owner = functionAround(node);
    const functionName = nameOf(owner) ?? "";
    found.push({ reason: text, kind, file, functionName, sources: sourcesOf(owner, node, source) });
  });
  return found;
}

/** The words of a literal; `undefined` where the reason is somebody else's, passed on. */
function reasonText(node: ts.Expression): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join("");
}

function functionAround(node: ts.Node): ts.FunctionDeclaration | ts.MethodDeclaration | undefined {
  for (let at: ts.Node | undefined = node; at !== undefined; at = at.parent) {
    if (ts.isFunctionDeclaration(at) || ts.isMethodDeclaration(at)) return at;
  }
  return undefined;
}

function nameOf(owner: ts.FunctionDeclaration | ts.MethodDeclaration | undefined) {
  return owner?.name?.getText().replace(/^#/, "");
}

/** Named in comments right before the statement, else by the function, else by the first function of the file. */
function sourcesOf(
  owner: ts.FunctionDeclaration | ts.MethodDeclaration | undefined,
  node: ts.Node,
  source: ts.SourceFile,
): readonly string[] {
  const text = source.getFullText();
  const comments = (of: ts.Node) =>
    (ts.getLeadingCommentRanges(text, of.getFullStart()) ?? [])
      .map(({ pos, end }) => text.slice(pos, end))
      .join("\n");
  let near = "";
  for (let at: ts.Node = node; at !== owner && at.parent !== undefined; at = at.parent) {
    if (ts.isStatement(at) && !ts.isBlock(at)) near += comments(at);
  }
  const first = source.statements.find((each) => ts.isFunctionDeclaration(each));
  const whole = [near, owner && comments(owner), first && comments(first), text.slice(0, 600)];
  const named = whole.map((comment) => namesIn(comment ?? ""));
  const bips = named.slice(0, 2).flatMap((names) => names.filter((name) => name.startsWith("BIP")));
  const core = named
    .flatMap((names) => names.filter((name) => !name.startsWith("BIP")))
    .slice(0, 1);
  return [...new Set([...bips, ...core])];
}

function namesIn(comment: string): string[] {
  const plain = comment.replaceAll(/\s*\n\s*\*?\s*/g, " ");
  const bips = [...plain.matchAll(/BIP-\d{4}/g)].map(([name]) => name);
  const core = [...plain.matchAll(/Core:\s+([A-Z][A-Za-z:]+)/g)].map(([, name]) => name as string);
  return [...bips, ...core];
}

/**
 * Whether a test file has the reason as a text of its own, or behind a kind (`policy: dust`), up to what differs from
 * case to case. As part of a longer word it says nothing: `version` is everywhere.
 */
function mentions(reason: string): (test: readonly [string, string]) => boolean {
  const fixed = reason.split("…")[0] as string;
  const plain = fixed.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("\\(", "\\\\?\\(");
  const end = fixed === reason ? "[\"'`$/]" : "";
  const pattern = new RegExp(`(["'\`/^]|: )${plain}${end}`);
  return ([, text]) => pattern.test(text);
}

/** Tests of the RPC only see reasons pass. */
function testSources(): readonly (readonly [path: string, text: string])[] {
  const folders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(`${ROOT}${parent}`).map((name) => `${parent}/${name}/test`),
  );
  return [...folders, "packages/testing/src"]
    .filter((folder) => existsSync(ROOT + folder) && folder !== "packages/rpc/test")
    .flatMap(filesBelow)
    .map((path) => [path, readFileSync(ROOT + path, "utf8")] as const);
}

/** TypeScript files below a folder, by path from the root. */
function filesBelow(folder: string): string[] {
  return readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts"))
    .sort();
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(ROOT + file, "utf8"), ts.ScriptTarget.ES2023, true);
}

function visit(node: ts.Node, action: (node: ts.Node) => void): void {
  action(node);
  ts.forEachChild(node, (child) => visit(child, action));
}

/** The page. */
export function ruleBook(): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const row = (...cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  const link = (path: string, label: string) => `[${label}](../${path})`;
  const files = (paths: readonly string[]) =>
    paths
      .map((path) => link(path, (path.split("/").at(-1) ?? path).replace(/\.ts$/, "")))
      .join(", ");
  return [
    "# The rule book",
    "",
    "Written by `pnpm rules` from the code and its tests; don't edit it. A test fails when it is out of date, and when no test reaches a reason.",
    "",
    "## Why headers, transactions and blocks are refused",
    "",
    "The reason is Bitcoin Core's, word for word; `…` stands for what differs from case to case. The kind decides whether the sender is to blame.",
    "",
    "| reason | kind | said by | source | tests |",
    "|---|---|---|---|---|",
    ...rules().map(({ reason, kind, file, functionName, sources, tests }) =>
      row(`\`${reason}\``, kind, link(file, functionName), sources.join(", "), files(tests)),
    ),
    "",
    "## Why scripts fail",
    "",
    "Names and sentences are those of Core's script/script_error.cpp. The second number counts the cases of Core's script_tests.json that end so; every one of them runs.",
    "",
    "| error | sentence | cases | tests |",
    "|---|---|---|---|",
    ...scriptErrors().map(({ name, sentence, vectors, tests }) =>
      row(`\`${name}\``, sentence, String(vectors), files(tests)),
    ),
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, ruleBook());
