import ts from "typescript";

/** Names of the platform that pure code is handed instead of taking. */
const FORBIDDEN_GLOBALS: ReadonlySet<string> = new Set([
  "Buffer",
  "Date",
  "clearImmediate",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "global",
  "globalThis",
  "navigator",
  "performance",
  "process",
  "queueMicrotask",
  "require",
  "self",
  "setImmediate",
  "setInterval",
  "setTimeout",
  "window",
]);

const MUTABLE_COLLECTIONS: ReadonlySet<string> = new Set(["Map", "Set", "WeakMap", "WeakSet"]);

/** The places where a source file depends on the platform, on time or chance, or on state of its own. */
export function purityFindings(source: ts.SourceFile): string[] {
  const findings: string[] = [];
  const declared = declaredNames(source);
  const visit = (node: ts.Node): void => {
    if (
      ts.isIdentifier(node) &&
      FORBIDDEN_GLOBALS.has(node.text) &&
      !declared.has(node.text) &&
      isReference(node)
    ) {
      findings.push(`uses ${node.text}`);
    }
    if (isMathRandom(node)) findings.push("uses Math.random");
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const statement of source.statements) findings.push(...moduleState(statement));
  return findings;
}

/** Names that the file binds itself: its own `process` function is not Node's. */
function declaredNames(source: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    // `declare` only claims that a global exists.
    if (ts.canHaveModifiers(node) && hasModifier(node, ts.SyntaxKind.DeclareKeyword)) return;
    const name = (node as { name?: ts.Node }).name;
    if (name !== undefined && ts.isIdentifier(name) && bindsItsName(node)) names.add(name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

function bindsItsName(node: ts.Node): boolean {
  return (
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isClassDeclaration(node) ||
    ts.isImportSpecifier(node) ||
    ts.isImportClause(node) ||
    ts.isNamespaceImport(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isTypeParameterDeclaration(node)
  );
}

/** Whether the identifier refers to a value or type in scope, not to a member of something. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  return (parent as { name?: ts.Node }).name !== node;
}

function isMathRandom(node: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(node)) {
    return isMath(node.expression) && node.name.text === "random";
  }
  if (ts.isElementAccessExpression(node)) return isMath(node.expression);
  if (ts.isVariableDeclaration(node)) {
    return node.initializer !== undefined && isMath(node.initializer);
  }
  return false;
}

function isMath(node: ts.Node): boolean {
  return ts.isIdentifier(node) && node.text === "Math";
}

/** State that outlives a call: two users of the package in one process would share it. */
function moduleState(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    const reassignable = (statement.declarationList.flags & ts.NodeFlags.Const) === 0;
    return statement.declarationList.declarations.flatMap((declaration) => {
      if (reassignable) return [`module state: let ${declaration.name.getText()}`];
      return holdsMutable(declaration) ? [`module state: ${declaration.name.getText()}`] : [];
    });
  }
  if (ts.isClassDeclaration(statement)) {
    return statement.members.filter(ts.isPropertyDeclaration).flatMap((member) => {
      if (!hasModifier(member, ts.SyntaxKind.StaticKeyword)) return [];
      const reassignable = !hasModifier(member, ts.SyntaxKind.ReadonlyKeyword);
      return reassignable || holdsMutable(member)
        ? [`module state: static ${member.name.getText()}`]
        : [];
    });
  }
  return [];
}

/** A collection not declared read-only, or an empty literal, whose only use is to be filled. */
function holdsMutable(declaration: ts.VariableDeclaration | ts.PropertyDeclaration): boolean {
  const { initializer, type } = declaration;
  if (initializer === undefined || isReadonlyType(type)) return false;
  if (ts.isNewExpression(initializer)) {
    return (
      ts.isIdentifier(initializer.expression) &&
      MUTABLE_COLLECTIONS.has(initializer.expression.text)
    );
  }
  if (ts.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0;
  return ts.isObjectLiteralExpression(initializer) && initializer.properties.length === 0;
}

function isReadonlyType(type: ts.TypeNode | undefined): boolean {
  if (type === undefined) return false;
  if (ts.isTypeOperatorNode(type)) return type.operator === ts.SyntaxKind.ReadonlyKeyword;
  return (
    ts.isTypeReferenceNode(type) &&
    ts.isIdentifier(type.typeName) &&
    type.typeName.text.startsWith("Readonly")
  );
}

function hasModifier(node: ts.HasModifiers, kind: ts.SyntaxKind): boolean {
  return ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false;
}
