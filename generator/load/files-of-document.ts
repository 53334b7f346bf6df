import { SpecError, type Findings, type Place } from '../report/findings.js';
import { guardSize } from './guard-size.js';
import { parseText, type ParsedText, type RoundedMember } from './parse-text.js';

/** Numbers that are listed; whoever has more has them in examples. */
const MOST_ROUNDED = 20;

interface ReadFile {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly parsed: ParsedText;
}

/** The files that a document is read from, the root first, and what was found in the text of each. */
export class FilesOfDocument {
  readonly #files = new Map<string, ReadFile>();

  constructor(
    private readonly provider: string,
    private readonly findings: Findings,
  ) {}

  /**
   * Parses a file and keeps it.
   * @param file how messages name it: a path below `specs/`, or a URL
   * @throws SpecError where it cannot be read, or is too large
   */
  add(file: string, bytes: Uint8Array): unknown {
    const parsed = parseFile(bytes, file);
    const members = guardSize(parsed.value, file);
    for (const { pointer, key, first, again } of parsed.duplicates(members)) {
      this.findings.warnings.push({
        provider: this.provider,
        ...{ file, pointer, ...again },
        rule: 'duplicate-key',
        message: `the key ${JSON.stringify(key)} is at ${first.line}:${first.column} already; the last one counts`,
        remedy: 'keep one of them',
      });
    }
    this.#warnRounded(file, parsed.rounded());
    this.#files.set(file, { file, bytes, parsed });
    return parsed.value;
  }

  has(file: string): boolean {
    return this.#files.has(file);
  }

  /** What its text says; undefined where it was not added. */
  value(file: string): unknown {
    return this.#files.get(file)?.parsed.value;
  }

  /** Where the pointer leads in the file's text, as near as can be told. */
  place(file: string, pointer: string): Place {
    return { file, pointer, ...this.#files.get(file)?.parsed.position(pointer) };
  }

  list(): readonly { readonly file: string; readonly bytes: Uint8Array }[] {
    return [...this.#files.values()].map(({ file, bytes }) => ({ file, bytes }));
  }

  #warnRounded(file: string, rounded: readonly RoundedMember[]): void {
    for (const [index, { pointer, digits, at }] of rounded.slice(0, MOST_ROUNDED).entries()) {
      const left = rounded.length - MOST_ROUNDED;
      const more = index === MOST_ROUNDED - 1 && left > 0 ? `; ${left} more numbers of this file are rounded` : '';
      this.findings.warnings.push({
        provider: this.provider,
        ...{ file, pointer, ...at },
        rule: 'number-rounded',
        message: `${shownDigits(digits)} has more digits than a double holds, and is read as ${String(Number(digits))}${more}`,
        remedy: 'none is needed for a limit or an example; else write a number of at most 15 digits, or a text',
      });
    }
  }
}

function shownDigits(digits: string): string {
  return digits.length > 60 ? `${digits.slice(0, 60)}…` : digits;
}

/** Texts that a description refers to (Markdown) stay text; all else is JSON or YAML. */
function parseFile(bytes: Uint8Array, file: string): ParsedText {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // A fatal decoder throws for nothing but bytes that are not UTF-8.
    throw new SpecError({ file, pointer: '' }, 'not-utf8', 'the file is not UTF-8 text', 'save it as UTF-8');
  }
  if (/\.(md|markdown|txt)$/i.test(file)) {
    return { value: text, position: () => ({ line: 1, column: 1 }), duplicates: () => [], rounded: () => [] };
  }
  return parseText(text, file);
}
