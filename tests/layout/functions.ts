import ts from "typescript";

/** A function of a source, and how long it is. */
export interface Measured {
  /** `Class.method`, or the name of what holds it; `line 12` where it has none. */
  readonly name: string;
  /** From its first line to its last, those of functions inside it included; docstrings are not. */
  readonly lines: number;
}

/** All functions, methods, constructors, accessors and arrow functions with a body of statements. */
export function functionsOf(text: string): Measured[] {
  const source = ts.createSourceFile("source.ts", text, ts.ScriptTarget.ESNext, true);
  const found: Measured[] = [];
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const first = lineAt(node.getStart(source));
      found.push({ name: nameOf(node, first + 1), lines: lineAt(node.end) - first + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function nameOf(node: ts.SignatureDeclaration, line: number): string {
  const { parent } = node;
  const own = ts.isConstructorDeclaration(node) ? "constructor" : node.name?.getText();
  if (own !== undefined && ts.isClassLike(parent)) return `${parent.name?.text ?? "class"}.${own}`;
  if (own !== undefined) return own;
  const holder = ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent);
  return holder ? parent.name.getText() : `line ${line}`;
}
