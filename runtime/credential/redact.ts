/**
 * Takes secrets out of what an upstream sent, in case it echoes them: as they are, in base64 at any alignment (so also
 * inside of a longer encoded text), in hex, in UTF-16, and with any of their characters escaped, as URLs, HTML, XML and
 * JSON do. What has no secret in it is returned as it came, the same object.
 *
 * A secret of fewer than 6 characters is taken out only where it stands alone, with no letter, digit, `-` or `_` beside
 * it, and an empty one never: `a` occurs in every text, and an answer that was paid for must stay readable.
 *
 * It does not find a secret that is split up, compressed or encrypted. Bytes in a charset that is no superset of ASCII
 * have to be decoded first.
 */

import type { Secret } from './secret.js';
import { unescape } from './unescape.js';

const REPLACEMENT = '[redacted]';

/** Below this, a form of a secret is only looked for as a whole token. */
const MIN_UNBOUNDED_LENGTH = 6;

export interface Redacted<T> {
  readonly value: T;
  /** How many occurrences were replaced. */
  readonly redactions: number;
}

export function redactBytes(
  body: Uint8Array,
  secrets: readonly Secret[],
): { readonly body: Uint8Array; readonly redactions: number } {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const forms = secrets.flatMap(formsOf);
  const hits = forms.flatMap((form) => occurrences(bytes, form));
  for (const unescaped of forms.length === 0 ? [] : unescape(bytes)) {
    for (const { start, end } of forms.flatMap((form) => occurrences(unescaped.bytes, form))) {
      hits.push({ start: escapeStart(bytes, unescaped.origin(start)), end: unescaped.origin(end) });
    }
  }
  if (hits.length === 0) return { body, redactions: 0 };

  // Forms overlap: the password's own base64 lies within that of `user:password`. The earliest and longest wins.
  hits.sort((a, b) => a.start - b.start || b.end - a.end);
  const chunks: Uint8Array[] = [];
  let from = 0;
  let redactions = 0;
  for (const { start, end } of hits) {
    if (start >= from) {
      chunks.push(bytes.subarray(from, start), Buffer.from(REPLACEMENT));
      redactions += 1;
    }
    from = Math.max(from, end);
  }
  chunks.push(bytes.subarray(from));
  return { body: Buffer.concat(chunks), redactions };
}

/** The same for text, such as an error's message. */
export function redactText(text: string, secrets: readonly Secret[]): Redacted<string> {
  const { body, redactions } = redactBytes(Buffer.from(text, 'utf8'), secrets);
  return { value: redactions === 0 ? text : Buffer.from(body).toString('utf8'), redactions };
}

/** The same for an answer's headers: their values, not their names. */
export function redactHeaders(
  headers: Readonly<Record<string, string>>,
  secrets: readonly Secret[],
): Redacted<Readonly<Record<string, string>>> {
  // Nearly always there is nothing in any of them, which one look tells.
  if (redactText(Object.values(headers).join('\n'), secrets).redactions === 0) return { value: headers, redactions: 0 };
  let redactions = 0;
  const entries = Object.entries(headers).map(([name, text]) => {
    const redacted = redactText(text, secrets);
    redactions += redacted.redactions;
    return [name, redacted.value] as const;
  });
  return { value: Object.fromEntries(entries), redactions };
}

interface Form {
  readonly bytes: Buffer;
  readonly wholeToken: boolean;
}

/** By secret: most are the operator's, and looked for in one answer after another. */
const FORMS = new WeakMap<Secret, readonly Form[]>();

function formsOf(secret: Secret): readonly Form[] {
  let forms = FORMS.get(secret);
  if (forms === undefined) {
    forms = makeForms(secret.reveal());
    FORMS.set(secret, forms);
  }
  return forms;
}

function makeForms(value: string): readonly Form[] {
  if (value === '') return [];
  const utf8 = Buffer.from(value, 'utf8');
  const utf16 = Buffer.from(value, 'utf16le');
  const hex = utf8.toString('hex');
  const texts = [
    value,
    value.replaceAll(' ', '+'),
    // Where the secret itself has what looks like an escape, undoing the one undoes the other too.
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value.toWellFormed()),
    value.replaceAll('&', '&amp;'),
    hex,
    hex.toUpperCase(),
    ...base64Forms(utf8),
  ];
  const all = [...new Set(texts)].map((text) => Buffer.from(text, 'utf8'));
  return [...all, utf16, Buffer.from(utf16).swap16()].map((bytes) => ({
    bytes,
    wholeToken: value.length < MIN_UNBOUNDED_LENGTH || bytes.byteLength < MIN_UNBOUNDED_LENGTH,
  }));
}

/**
 * Where the escape begins that a hit begins with. Of several backslashes in a row each pair is one that is escaped, and
 * if one is left it alone belongs to the hit; if none is, they are an escape within an escape, and all do.
 */
function escapeStart(bytes: Buffer, start: number): number {
  if (bytes[start] !== BACKSLASH) return start;
  let first = start;
  while (bytes[first - 1] === BACKSLASH) first -= 1;
  let end = start;
  while (bytes[end] === BACKSLASH) end += 1;
  return (end - first) % 2 === 1 ? end - 1 : first;
}

const BACKSLASH = 0x5c;

/** Padded first, so that the padding goes too; then, for each alignment, the digits that depend on the secret alone. */
function base64Forms(utf8: Buffer): string[] {
  const forms = [utf8.toString('base64'), utf8.toString('base64').replace(/=+$/, '')];
  for (const lead of [1, 2]) {
    const digits = Buffer.concat([Buffer.alloc(lead), utf8])
      .toString('base64')
      .replace(/=+$/, '');
    forms.push(digits.slice(lead + 1));
  }
  const certain = forms
    .slice(1)
    .map((digits, lead) => ((utf8.byteLength + lead) % 3 === 0 ? digits : digits.slice(0, -1)));
  return [...forms, ...certain.filter((digits) => digits.length >= 8)].flatMap((form) => [
    form,
    form.replaceAll('+', '-').replaceAll('/', '_'),
  ]);
}

interface Hit {
  readonly start: number;
  readonly end: number;
}

function occurrences(bytes: Buffer, form: Form): Hit[] {
  const hits: Hit[] = [];
  let start = bytes.indexOf(form.bytes);
  while (start >= 0) {
    const end = start + form.bytes.byteLength;
    if (!form.wholeToken || (!isTokenByte(bytes[start - 1]) && !isTokenByte(bytes[end]))) hits.push({ start, end });
    start = bytes.indexOf(form.bytes, start + 1);
  }
  return hits;
}

function isTokenByte(byte: number | undefined): boolean {
  return byte !== undefined && /[\w-]/.test(String.fromCharCode(byte));
}
