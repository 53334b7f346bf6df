/**
 * Takes secrets out of what an upstream sent, in case it echoes them: as they are, in base64 at any alignment (so also
 * inside of a longer encoded text), percent-encoded, escaped for JSON or HTML, in hex, and in UTF-16. What has no
 * secret in it is returned as it came, the same object.
 *
 * A secret of fewer than 6 characters is taken out only where it stands alone, with no letter, digit, `-` or `_` beside
 * it, and an empty one never: `a` occurs in every text, and an answer that was paid for must stay readable.
 *
 * It does not find a secret that is split up, compressed or encrypted.
 */

import type { Secret } from './secret.js';

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
  const hits = formsOf(secrets).flatMap((form) => occurrences(bytes, form));
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
  let redactions = 0;
  const entries = Object.entries(headers).map(([name, text]) => {
    const redacted = redactText(text, secrets);
    redactions += redacted.redactions;
    return [name, redacted.value] as const;
  });
  return { value: redactions === 0 ? headers : Object.fromEntries(entries), redactions };
}

interface Form {
  readonly bytes: Buffer;
  readonly wholeToken: boolean;
}

function formsOf(secrets: readonly Secret[]): Form[] {
  const forms = new Map<string, Form>();
  for (const secret of secrets) {
    const value = secret.reveal();
    if (value === '') continue;
    const utf16 = [Buffer.from(value, 'utf16le'), Buffer.from(value, 'utf16le').swap16()];
    for (const bytes of [...textForms(value).map((form) => Buffer.from(form, 'utf8')), ...utf16]) {
      const wholeToken = value.length < MIN_UNBOUNDED_LENGTH || bytes.byteLength < MIN_UNBOUNDED_LENGTH;
      forms.set(bytes.toString('latin1'), { bytes, wholeToken });
    }
  }
  return [...forms.values()];
}

function textForms(value: string): string[] {
  const utf8 = Buffer.from(value, 'utf8');
  const encoded = utf8.toString('latin1').replace(/[^\w.~-]/g, (c) => `%${hex(c)}`);
  const component = encodeURIComponent(value);
  const percent = [encoded, component, component.replace(/[!'()*]/g, (c) => `%${hex(c)}`)];
  const percentForms = percent.flatMap((form) => [form, form.replaceAll('%20', '+')]);

  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const html = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

  return [
    value,
    ...percentForms,
    ...percentForms.map((form) => form.replace(/%[0-9A-F]{2}/g, (triplet) => triplet.toLowerCase())),
    json,
    json.replaceAll('/', '\\/'),
    ascii,
    html,
    html.replaceAll("'", '&#39;'),
    utf8.toString('hex'),
    utf8.toString('hex').toUpperCase(),
    ...base64Forms(utf8),
  ];
}

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

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0');
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
