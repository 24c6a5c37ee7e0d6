import { posix } from "node:path";
import ts from "typescript";
import type { Layer } from "./layers.ts";
import { purityFindings } from "./purity.ts";

/** Packages in plain JavaScript, without a platform under them. */
const BROWSER_SAFE: ReadonlySet<string> = new Set([
  "@noble/ciphers",
  "@noble/hashes",
  "@noble/secp256k1",
  "@scure/base",
  "@scure/bip32",
  "@scure/bip39",
  "@scure/bip39/wordlists/english.js",
  "bs58check",
  "zod",
]);

/** A package as the checker sees it: paths are relative to the package, with `/`. */
export interface PackageSources {
  readonly layer: Layer;
  /** Names in `dependencies` of its package.json. */
  readonly dependencies: readonly string[];
  /** Text of every source file by path, e.g. `src/index.ts`. */
  readonly files: ReadonlyMap<string, string>;
}

/** The breaches of the architecture in one package, each as `dir/file: message`. */
export function checkPackage({ layer, dependencies, files }: PackageSources): string[] {
  const findings: string[] = [];
  const report = (file: string, message: string): void => {
    findings.push(`${layer.dir}/${file}: ${message}`);
  };

  for (const dependency of dependencies) {
    if (isWorkspaceName(dependency) && !layer.mayImport.some((it) => nameOf(it) === dependency)) {
      report("package.json", `depends on ${dependency}`);
    }
  }

  const graph = new Map<string, string[]>();
  for (const [file, text] of files) {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
    const local: string[] = [];
    graph.set(file, local);
    for (const specifier of importsOf(source)) {
      if (specifier.startsWith(".")) {
        const target = posix.join(posix.dirname(file), specifier);
        // Its own name and version a program may read; a pure package has no use for them.
        const isManifest = target === "package.json" && !layer.pure;
        if (!target.startsWith("src/") && !isManifest) {
          report(file, `reaches outside its sources: ${specifier}`);
        } else if (target === "src/index.ts") report(file, "imports its own index");
        local.push(target);
      } else {
        const complaint = complainAbout(specifier, layer, dependencies);
        if (complaint !== undefined) report(file, complaint);
      }
    }
    if (layer.pure) {
      for (const message of purityFindings(source)) report(file, message);
    }
  }

  for (const cycle of cyclesOf(graph)) report(cycle[0] as string, `cycle ${cycle.join(" -> ")}`);
  for (const entry of layer.browserSafe ?? []) {
    for (const file of reachableFrom(entry, graph)) {
      const text = files.get(file);
      if (text === undefined) continue;
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
      for (const specifier of importsOf(source)) {
        const browserSafe =
          layer.mayImport.includes(specifier) || BROWSER_SAFE.has(nameOf(specifier));
        if (!specifier.startsWith(".") && !browserSafe) {
          report(file, `imports ${specifier} and is part of ${entry}, which must run in a browser`);
        }
      }
      for (const message of purityFindings(source)) {
        report(file, `${message} and is part of ${entry}, which must run in a browser`);
      }
    }
  }
  return findings;
}

function complainAbout(
  specifier: string,
  layer: Layer,
  dependencies: readonly string[],
): string | undefined {
  const name = nameOf(specifier);
  if (name === layer.name) return `imports its own package ${specifier}`;
  if (isWorkspaceName(name)) {
    return layer.mayImport.includes(specifier) ? undefined : `imports ${specifier}`;
  }
  if (specifier.startsWith("node:")) {
    return layer.pure ? `imports ${specifier}` : undefined;
  }
  return dependencies.includes(name) ? undefined : `imports undeclared ${specifier}`;
}

function isWorkspaceName(name: string): boolean {
  return name.startsWith("@chain/");
}

/** `@scope/name/sub` and `name/sub` belong to the packages `@scope/name` and `name`. */
function nameOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Every module that the file names: import, export from, import(), import type, require(). */
export function importsOf(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined) {
      found.push(ts.isStringLiteralLike(specifier) ? specifier.text : `(${specifier.getText()})`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  }
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const loads =
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === "require");
  return loads ? node.arguments[0] : undefined;
}

/** The cycles of the graph, one for each edge that closes a way back (depth first). */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push([...path.slice(start), file]);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const next of graph.get(file) ?? []) walk(next);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) walk(file);
  return cycles;
}

function reachableFrom(
  entry: string,
  graph: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const seen = new Set<string>([entry]);
  for (const file of seen) {
    for (const next of graph.get(file) ?? []) seen.add(next);
  }
  return seen;
}
