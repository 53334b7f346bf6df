/** Looks into emitted TypeScript: what it declares, what it would do if it were run, and what it gives when it is. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';

/** Syntax that does nothing when it is run but make a plain value. */
const INERT = new Set([
  ts.SyntaxKind.ObjectLiteralExpression,
  ts.SyntaxKind.PropertyAssignment,
  ts.SyntaxKind.ArrayLiteralExpression,
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.NumericLiteral,
  ts.SyntaxKind.TrueKeyword,
  ts.SyntaxKind.FalseKeyword,
  ts.SyntaxKind.NullKeyword,
  ts.SyntaxKind.Identifier,
]);

function parsed(source: string): ts.SourceFile {
  return ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2023, true);
}

/** Every statement or expression of the file that could do something. */
export function doings(source: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isAsExpression(node)) return visit(node.expression);
    if (!INERT.has(node.kind)) found.push(`${ts.SyntaxKind[node.kind]}: ${node.getText()}`);
    else if (ts.isPropertyAssignment(node)) visit(node.initializer);
    else if (!ts.isIdentifier(node)) node.forEachChild(visit);
    else found.push(`Identifier: ${node.text}`);
  };
  for (const statement of parsed(source).statements) {
    if (ts.isTypeAliasDeclaration(statement)) continue;
    if (ts.isImportDeclaration(statement) && statement.importClause?.isTypeOnly === true) continue;
    if (ts.isExportDeclaration(statement) && statement.isTypeOnly) continue;
    if (ts.isVariableStatement(statement)) {
      for (const { initializer } of statement.declarationList.declarations) if (initializer) visit(initializer);
      continue;
    }
    found.push(statement.getText());
  }
  return found;
}

/** The names of the members of a type, and of each the strings that it admits, where it lists any. */
export function membersOf(source: string, type: string): ReadonlyMap<string, readonly string[]> {
  const alias = parsed(source).statements.find(
    (statement): statement is ts.TypeAliasDeclaration =>
      ts.isTypeAliasDeclaration(statement) && statement.name.text === type,
  );
  const members = new Map<string, readonly string[]>();
  const visit = (node: ts.TypeNode): void => {
    if (ts.isIntersectionTypeNode(node)) node.types.forEach(visit);
    if (!ts.isTypeLiteralNode(node)) return;
    for (const member of node.members) {
      if (ts.isPropertySignature(member)) members.set(nameOf(member.name), stringsIn(member.type));
    }
  };
  if (alias !== undefined) visit(alias.type);
  return members;
}

function nameOf(name: ts.PropertyName): string {
  if (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name)) return name.text;
  throw new Error(`a computed name: ${name.getText()}`);
}

function stringsIn(node: ts.TypeNode | undefined): readonly string[] {
  if (node === undefined) return [];
  if (ts.isUnionTypeNode(node)) return node.types.flatMap(stringsIn);
  return ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal) ? [node.literal.text] : [];
}

/**
 * Runs modules in a process of their own.
 * @returns what each of them exports, and what the global object has gained
 */
export function run(sources: readonly string[]): {
  readonly exports: readonly unknown[];
  readonly gained: readonly string[];
} {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-hostile-'));
  try {
    for (const [index, source] of sources.entries()) {
      const { outputText } = ts.transpileModule(source, {
        compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
      });
      writeFileSync(join(folder, `${String(index)}.mjs`), outputText);
    }
    writeFileSync(
      join(folder, 'main.mjs'),
      `const before = new Set([...Object.getOwnPropertyNames(globalThis), ...Object.getOwnPropertyNames(Object.prototype)]);
       const exports = [];
       for (let index = 0; index < ${String(sources.length)}; index++) exports.push({ ...(await import(\`./\${index}.mjs\`)) });
       const now = [...Object.getOwnPropertyNames(globalThis), ...Object.getOwnPropertyNames(Object.prototype)];
       process.stdout.write(JSON.stringify({ exports, gained: now.filter((name) => !before.has(name)) }));`,
    );
    const output = execFileSync(process.execPath, [join(folder, 'main.mjs')], { encoding: 'utf8', env: {} });
    return JSON.parse(output) as ReturnType<typeof run>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
