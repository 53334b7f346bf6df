/** Compiles emitted TypeScript as a maintainer's editor would, and runs what it compiles to. */

import ts from 'typescript';

const LIBRARY = new Map<string, ts.SourceFile>();

/** Messages of the compiler over these files, in strict mode; none where they type-check. */
export function typeErrors(files: Readonly<Record<string, string>>): readonly string[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    verbatimModuleSyntax: true,
    noUncheckedIndexedAccess: true,
    types: [],
  };
  const all: Readonly<Record<string, string>> = { '/package.json': '{"type":"module"}', ...prefixed(files) };
  const host = ts.createCompilerHost(options);
  const readFromDisk = host.readFile.bind(host);
  const parseFromDisk = host.getSourceFile.bind(host);
  const isLibrary = (file: string): boolean => file.includes('/node_modules/typescript/');
  host.directoryExists = (folder) =>
    isLibrary(`${folder}/`) || Object.keys(all).some((file) => file.startsWith(folder === '/' ? folder : `${folder}/`));
  host.getCurrentDirectory = () => '/';
  host.fileExists = (file) => file in all || (isLibrary(file) && ts.sys.fileExists(file));
  host.readFile = (file) => all[file] ?? (isLibrary(file) ? readFromDisk(file) : undefined);
  host.getSourceFile = (file, version) => {
    const text = all[file];
    if (text !== undefined) return ts.createSourceFile(file, text, version);
    if (!isLibrary(file)) return undefined;
    // The standard library is the same for every program, and is most of what there is to parse.
    const parsed = LIBRARY.get(file) ?? parseFromDisk(file, version);
    if (parsed !== undefined) LIBRARY.set(file, parsed);
    return parsed;
  };
  const roots = Object.keys(all).filter((file) => file.endsWith('.ts'));
  const program = ts.createProgram(roots, options, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const at = diagnostic.file === undefined ? '' : `${diagnostic.file.fileName}: `;
    return at + ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n');
  });
}

/** What the module exports when it is run. */
export async function exportsOf(source: string): Promise<Readonly<Record<string, unknown>>> {
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  const module: unknown = await import(`data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`);
  return module as Readonly<Record<string, unknown>>;
}

function prefixed(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [`/${file}`, text]));
}
