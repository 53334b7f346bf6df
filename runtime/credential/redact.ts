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

/** Bytes that are looked at without an interruption. */
const UNINTERRUPTED_BYTES = 1_000_000;
const REPLACEMENT_BYTES = Buffer.from(REPLACEMENT);

export interface Redacted<T> {
  readonly value: T;
  /** How many occurrences were replaced. */
  readonly redactions: number;
}

interface RedactedBytes {
  readonly body: Uint8Array;
  readonly redactions: number;
}

/** At once: for what is short, since an upstream can see to it that a long body takes long. */
export function redactBytes(body: Uint8Array, secrets: readonly Secret[]): RedactedBytes {
  const work = redacting(body, secrets);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** The same as work that is done in slices: it yields wherever it may be interrupted. */
export function* redacting(body: Uint8Array, secrets: readonly Secret[]): Generator<void, RedactedBytes> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const forms = secrets.flatMap(formsOf);
  if (forms.length === 0) return { body, redactions: 0 };
  let hits = yield* occurrences(bytes, forms);
  for (const unescaped of yield* unescape(bytes)) {
    const found = yield* occurrences(unescaped.bytes, forms);
    if (found.length === 0) continue;
    const places = yield* unescaped.origins(found.flatMap(({ start, end }) => [start, end]));
    const origins = found.map((_, at) => ({
      start: escapeStart(bytes, places[2 * at]!),
      end: places[2 * at + 1]!,
    }));
    hits = united(hits, origins);
  }
  if (hits.length === 0) return { body, redactions: 0 };

  const removed = hits.reduce((sum, { start, end }) => sum + end - start, 0);
  const result = Buffer.allocUnsafe(bytes.byteLength - removed + hits.length * REPLACEMENT_BYTES.byteLength);
  let length = 0;
  let from = 0;
  let pauseAt = UNINTERRUPTED_BYTES;
  for (const { start, end } of hits) {
    length += bytes.copy(result, length, from, start);
    length += REPLACEMENT_BYTES.copy(result, length);
    from = end;
    if (from < pauseAt) continue;
    pauseAt = from + UNINTERRUPTED_BYTES;
    yield;
  }
  bytes.copy(result, length, from);
  return { body: result, redactions: hits.length };
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

/**
 * Where any of the forms stands, in ascending order. Forms overlap, as the password's own base64 lies within that of
 * `user:password`: such occurrences are one.
 */
function* occurrences(bytes: Buffer, forms: readonly Form[]): Generator<void, readonly Hit[]> {
  let hits: readonly Hit[] = [];
  let looked = 0;
  for (const form of forms) {
    const found: Hit[] = [];
    let from = 0;
    while (from <= bytes.byteLength) {
      const start = bytes.indexOf(form.bytes, from);
      const end = start + form.bytes.byteLength;
      if (start >= 0 && (!form.wholeToken || (!isTokenByte(bytes[start - 1]) && !isTokenByte(bytes[end])))) {
        unite(found, start, end);
      }
      const next = start < 0 ? bytes.byteLength + 1 : start + 1;
      looked += next - from;
      from = next;
      if (looked < UNINTERRUPTED_BYTES) continue;
      looked = 0;
      yield;
    }
    hits = united(hits, found);
  }
  return hits;
}

/** Both in one list. Either is in ascending order, without overlaps, and so is the result. */
function united(some: readonly Hit[], others: readonly Hit[]): readonly Hit[] {
  if (some.length === 0 || others.length === 0) return some.length === 0 ? others : some;
  const hits: Hit[] = [];
  for (let i = 0, k = 0; i < some.length || k < others.length;) {
    const isFirst = k === others.length || (i < some.length && some[i]!.start <= others[k]!.start);
    const { start, end } = isFirst ? some[i++]! : others[k++]!;
    unite(hits, start, end);
  }
  return hits;
}

/** Adds a hit that does not begin before the last one. */
function unite(hits: Hit[], start: number, end: number): void {
  const last = hits.at(-1);
  if (last === undefined || start >= last.end) hits.push({ start, end });
  else if (end > last.end) hits[hits.length - 1] = { start: last.start, end };
}

/** A letter, a digit, `-` or `_`. */
function isTokenByte(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lower = byte | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f;
}
