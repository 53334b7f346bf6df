/**
 * Marks on the files of a pull request, as the commands that GitHub Actions reads from a step's output. Titles and
 * messages come from documents: they are made visible and escaped, so that none of them is a command.
 */

import { visible } from './visible.js';

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  /** Below the folder that was checked out, with forward slashes. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly title: string;
  readonly message: string;
}

/** How many of a level GitHub shows of one step. */
const MOST_OF_A_LEVEL = 10;

/** `::error file=specs/pets.json,line=3,title=…::message`: of each level as many as are shown. */
export function annotationLines(annotations: readonly Annotation[]): readonly string[] {
  return (['error', 'warning', 'notice'] as const).flatMap((level) =>
    annotations
      .filter((annotation) => annotation.level === level)
      .slice(0, MOST_OF_A_LEVEL)
      .map(annotationLine),
  );
}

/**
 * The lines, wrapped in the two commands between which GitHub obeys no other.
 * @param token ends that; it has to be one that no line can guess
 */
export function withoutCommands(lines: string, token: string): string {
  return `::stop-commands::${token}\n${lines}\n::${token}::`;
}

function annotationLine({ level, file, line, column, title, message }: Annotation): string {
  const properties = Object.entries({ file, line, col: column, title })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(visible(String(value)))}`);
  return `::${level} ${properties.join(',')}::${escapeData(visible(message))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
