import ts from "typescript";

/**
 * Errors that are made while another is handled and do not carry it: in `catch`, in a function that is handed to
 * `.catch()`, and in a listener of `"error"`. Each as `line: throw new XError(…)`.
 */
export function lostCauses(text: string): string[] {
  const source = ts.createSourceFile("source.ts", text, ts.ScriptTarget.ESNext, true);
  const found: string[] = [];
  const report = (node: ts.Node): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    const [first = ""] = node.getText(source).split("\n");
    found.push(`${line + 1}: ${first}`);
  };
  const handlers = handlersOf(source);
  const visit = (node: ts.Node, caught: string | undefined): void => {
    const made = madeError(node);
    if (caught !== undefined && made !== undefined && !carries(made, caught)) report(node);
    if (ts.isCatchClause(node)) {
      visit(node.block, node.variableDeclaration?.name.getText(source) ?? "");
      return;
    }
    if (
      ts.isFunctionLike(node) &&
      "body" in node &&
      node.body !== undefined &&
      handlers.has(node)
    ) {
      visit(node.body, node.parameters[0]?.name.getText(source) ?? "");
      return;
    }
    // A function of its own inside runs at another time.
    const inner = ts.isFunctionDeclaration(node) || ts.isClassLike(node) ? undefined : caught;
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(source, undefined);
  return found;
}

/** Names of classes of errors; not all of ours end in "Error". */
const ERROR = /(Error|Failed|Refused|Closed|NoJson)$/;

/** `new XError(…)`, or what is thrown if a function makes it. */
function madeError(node: ts.Node): ts.NewExpression | ts.CallExpression | undefined {
  if (ts.isNewExpression(node)) return ERROR.test(node.expression.getText()) ? node : undefined;
  if (ts.isThrowStatement(node) && ts.isCallExpression(node.expression)) return node.expression;
  return undefined;
}

/** Whether one of its arguments is the caught error, or has it as `cause`. */
function carries(made: ts.NewExpression | ts.CallExpression, caught: string): boolean {
  if (caught === "") return false;
  const isCaught = (node: ts.Node): boolean => ts.isIdentifier(node) && node.text === caught;
  return (made.arguments ?? []).some(
    (argument) =>
      (ts.isCallExpression(made) && isCaught(argument)) ||
      (ts.isObjectLiteralExpression(argument) &&
        argument.properties.some(
          (property) =>
            (ts.isPropertyAssignment(property) &&
              property.name.getText() === "cause" &&
              isCaught(property.initializer)) ||
            (ts.isShorthandPropertyAssignment(property) &&
              property.name.text === "cause" &&
              caught === "cause"),
        )),
  );
}

/** The functions that are handed an error: in place, or by the name of one in the same file. */
function handlersOf(source: ts.SourceFile): ReadonlySet<ts.Node> {
  const named = new Map<string, ts.Node>();
  const used: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.name !== undefined) named.set(node.name.text, node);
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined) {
      named.set(node.name.getText(source), node.initializer);
    }
    if (ts.isCallExpression(node)) used.push(...errorHandler(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return new Set(used.map((node) => (ts.isIdentifier(node) ? named.get(node.text) : node) ?? node));
}

/** The function that a call hands over for an error: `.catch(f)`, `.on("error", f)`, `.once("error", f)`. */
function errorHandler({ expression, arguments: given }: ts.CallExpression): ts.Expression[] {
  if (!ts.isPropertyAccessExpression(expression)) return [];
  const [first, second] = given;
  if (first === undefined) return [];
  switch (expression.name.text) {
    case "catch":
      return [first];
    case "on":
    case "once":
      return ts.isStringLiteral(first) && first.text === "error" && second ? [second] : [];
    default:
      return [];
  }
}
