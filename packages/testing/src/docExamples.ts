/**
 * The `@example`s of docstrings, run. An example may use what its package exports, and the names that the package's
 * `test/exampleScope.ts` gives; `end` among them is called after it. Of `expression // value` the value is asserted (a string may end in …, for what begins
 * so; what follows `: ` is for people). An expression without a value must not be `false`; behind a semicolon stands
 * a remark.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test, vi } from "vitest";

const PACKAGES = fileURLToPath(new URL("../../", import.meta.url));

/** Names that examples use, with what they stand for. */
export type Scope = Readonly<Record<string, unknown>>;

interface Documented {
  readonly name: string;
  readonly file: string;
  readonly example: string | undefined;
  readonly isError: boolean;
}

/**
 * Makes a test of each example in a package, and one that no exported function or class is without.
 * @param name the folder of the package: `core`
 * @param exported all that its entries export
 * @param scope names that examples may use besides; it is called for each
 */
export function testDocExamples(
  name: string,
  exported: Scope,
  scope: () => Scope | Promise<Scope> = () => ({}),
): void {
  const documented: readonly Documented[] = sourceFiles(join(PACKAGES, name, "src")).flatMap(
    readDocumented,
  );
  const examples = documented.filter(({ example }) => example !== undefined);

  test("each exported function and class has an example", () => {
    // Of several signatures of one function, the one with the example.
    const declared = new Map([...documented, ...examples].map((each) => [each.name, each]));
    // Under another name than its own; or of another package, which shows it.
    const isMissing = (key: string) => {
      const value = exported[key];
      const found = declared.get(key) ?? declared.get((value as { name: string }).name);
      return found !== undefined && found.example === undefined && !found.isError;
    };
    const functions = Object.keys(exported).filter((key) => typeof exported[key] === "function");
    expect(functions.filter(isMissing)).toEqual([]);
  });

  test.each(examples)("the example of $name in $file holds", async ({ example, file }) => {
    const own = await vi.importActual<Scope>(join(PACKAGES, file));
    const given = await scope();
    try {
      await run(example as string, { ...given, ...own, ...exported });
    } finally {
      if (typeof given["end"] === "function") await given["end"]();
    }
  });
}

function sourceFiles(directory: string): string[] {
  const entries = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return entries.filter((path) => path.endsWith(".ts")).map((path) => join(directory, path));
}

/** The declarations at the top of a file, and methods with an example. */
function readDocumented(path: string): Documented[] {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: Documented[] = [];
  const visit = (node: ts.Node, owner = ""): void => {
    const name = nameOf(node);
    if (name === undefined) return;
    const example = exampleOf(node);
    if (owner === "" || example !== undefined) {
      const short = path.slice(PACKAGES.length);
      found.push({ name: owner + name, file: short, example, isError: isErrorClass(node) });
    }
    if (!ts.isClassDeclaration(node)) return;
    for (const member of node.members) visit(member, `${name}.`);
  };
  file.forEachChild((node) => visit(node));
  return found;
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]?.name.getText();
  const { name } = node as { name?: ts.Node };
  return name?.getText();
}

function isErrorClass(node: ts.Node): boolean {
  if (!ts.isClassDeclaration(node)) return false;
  return (
    node.heritageClauses?.some((clause) => /\bextends \w*Error\b/.test(clause.getText())) ?? false
  );
}

function exampleOf(node: ts.Node): string | undefined {
  for (const tag of ts.getJSDocTags(node)) {
    if (tag.tagName.text === "example") return ts.getTextOfJSDocComment(tag.comment) ?? "";
  }
  return undefined;
}

async function run(example: string, scope: Scope): Promise<void> {
  const file = ts.createSourceFile(
    "example.ts",
    `${example}\nexport {};`, // so that it may await
    ts.ScriptTarget.Latest,
    true,
  );
  const statements = file.statements.slice(0, -1).map((statement) => {
    if (ts.isImportDeclaration(statement)) return asCall(statement);
    if (!ts.isExpressionStatement(statement)) return statement.getText();
    const value = valueAfter(example, statement);
    const expected = value === undefined ? "" : `, () => (${value})`;
    return `await __check(async () => (${statement.expression.getText()})${expected});`;
  });
  const code = `const run = async () => {${statements.join("\n")}\n};`;
  const javascript = ts.transpile(code, { target: ts.ScriptTarget.ES2022 });
  const names = Object.keys(scope);
  const make = new Function(...names, "__check", "__import", `${javascript}\nreturn run;`);
  const load = (specifier: string) => vi.importActual(specifier);
  await make(...names.map((key) => scope[key]), check, load)();
}

/** An import in the form that a function body may have. */
function asCall(statement: ts.ImportDeclaration): string {
  const names = statement.importClause?.namedBindings?.getText().replaceAll(" as ", ": ") ?? "{}";
  return `const ${names} = await __import(${statement.moduleSpecifier.getText()});`;
}

/** The text of the comment behind a statement without semicolon, up to `: `. */
function valueAfter(example: string, statement: ts.Statement): string | undefined {
  if (statement.getText().endsWith(";")) return undefined;
  const [, comment] = /^[ \t]*\/\/ ?(.*)/.exec(example.slice(statement.end)) ?? [];
  if (comment === undefined) return undefined;
  const shorter = [comment.replace(/(?<!\w): .*$/, ""), comment.replace(/: .*$/, "")];
  return [comment, ...shorter].find(isExpression) ?? comment;
}

function isExpression(text: string): boolean {
  try {
    new Function(`return (${text});`);
    return true;
  } catch {
    return false;
  }
}

async function check(actual: () => unknown, expected?: () => unknown): Promise<void> {
  const value = await actual();
  if (expected === undefined) {
    expect(value, "an expression without a value must not be false").not.toBe(false);
    return;
  }
  const wanted = expected();
  if (typeof wanted === "string" && wanted.endsWith("…")) {
    expect(String(value).startsWith(wanted.slice(0, -1)), `${value} begins with ${wanted}`).toBe(
      true,
    );
  } else {
    expect(value).toEqual(wanted);
  }
}
