/**
 * A TypeScript project as a consumer has it open in an editor: the files of this repository, and some that exist for the
 * test alone. Its compiler options are stricter than the repository's own.
 */

import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const STRICTEST: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  noEmit: true,
  skipLibCheck: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitReturns: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
};

export interface Editor {
  /** What the compiler says of the file, with the line (from 0) that it says it of. */
  problems(file: string): readonly { readonly line: number; readonly message: string }[];
  /** Names that the editor offers at the place of `marker`, which is no part of the code. */
  completions(file: string, marker: string): readonly string[];
}

/** @param files name (below the repository's root) → text */
export function openEditor(files: Readonly<Record<string, string>>): Editor {
  const own = new Map(Object.entries(files).map(([file, text]) => [join(ROOT, file), text]));
  const codeOf = (path: string): string | undefined => own.get(path)?.replaceAll('/*|*/', '');
  const service = ts.createLanguageService({
    getCompilationSettings: () => STRICTEST,
    getScriptFileNames: () => [...own.keys()],
    getScriptVersion: () => '1',
    getScriptSnapshot: (path) => {
      const text = codeOf(path) ?? ts.sys.readFile(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (path) => own.has(path) || ts.sys.fileExists(path),
    readFile: (path) => codeOf(path) ?? ts.sys.readFile(path),
    directoryExists: (path) => ts.sys.directoryExists(path),
  });
  return {
    problems: (file) => {
      const path = join(ROOT, file);
      return [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)].map((diagnostic) => ({
        line: diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0,
        message: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
      }));
    },
    completions: (file, marker) => {
      const path = join(ROOT, file);
      const at = own.get(path)?.indexOf(marker) ?? -1;
      if (at < 0) throw new Error(`${file} has no ${marker}`);
      return (service.getCompletionsAtPosition(path, at, undefined)?.entries ?? []).map(({ name }) => name);
    },
  };
}
