import { SpecError, type Findings, type Place } from '../report/findings.js';
import { guardSize } from './guard-size.js';
import { parseText, type ParsedText } from './parse-text.js';
import { roundedWarnings } from './rounded-numbers.js';

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
    const rounded = parsed.rounded().map(({ pointer, digits, at }) => ({ digits, place: { file, pointer, ...at } }));
    this.findings.warnings.push(...roundedWarnings(this.provider, rounded));
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
