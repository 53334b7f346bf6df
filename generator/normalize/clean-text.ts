/**
 * Makes text from a document safe to show to an agent: it is untrusted, and ends up in prompts. Control, bidirectional
 * and invisible characters are removed, lengths are capped. Meaning is not judged.
 */

/** Lengths in UTF-16 units. */
export const MAX_LENGTH = {
  title: 120,
  summary: 300,
  description: 4_000,
  parameter: 1_000,
  schema: 500,
  tag: 80,
} as const;

/**
 * C0 and C1 controls but for tab and newline; soft hyphen, Arabic letter mark, Mongolian separator, zero-width and
 * directional characters, invisible operators, byte-order mark, interlinear marks, language tags; lone surrogates.
 */
const UNSAFE =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]|\p{Surrogate}/gu;

/** Several lines at most. Anything but a string (a number is taken as text) is `''`. */
export function cleanText(value: unknown, maxLength: number): string {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return '';
  // A text much longer than its cap is cut before it is searched; what is removed from it may shorten it further.
  const text = value.length > maxLength * 4 ? value.slice(0, maxLength * 4) : value;
  return cap(
    text
      .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
      .replace(UNSAFE, '')
      .trim(),
    maxLength,
  );
}

/** One line: runs of white space become one space. */
export function cleanLine(value: unknown, maxLength: number): string {
  const text = cleanText(value, maxLength * 4)
    .replace(/\s+/g, ' ')
    .trim();
  return cap(text, maxLength);
}

/** The first sentence, in one line. */
export function firstSentence(value: unknown, maxLength: number): string {
  const paragraph = cleanText(value, MAX_LENGTH.description)
    .replace(/<[^>]{1,200}>/g, ' ')
    .trim()
    .split(/\n\s*\n/, 1)[0]!;
  const line = paragraph.replace(/\s+/g, ' ');
  const end = /[.!?](?=\s+[A-Z0-9])/.exec(line);
  return cap(end === null ? line : line.slice(0, end.index + 1), maxLength);
}

/** A value of a document or of settings, in a message. */
export function show(value: unknown, maxLength = 80): string {
  // JSON has no word for `.inf`.
  return cap(typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value)), maxLength);
}

/** The text, or as much of its beginning as leaves room for the mark that it goes on. */
export function cap(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${beginning(text, maxLength - 1)}…`;
}

/** At most so many UTF-16 units; half of a surrogate pair, which is no character, is not among them. */
export function beginning(text: string, mostUnits: number): string {
  return text.slice(0, mostUnits).replace(/[\uD800-\uDBFF]$/, '');
}
