/**
 * A stored answer as it is shown: JSON as a value (or what `select` takes from it), text as text, and bytes apart, so
 * that each face can carry them exactly. What is larger than an agent can bear is shown as a preview, with the way to the
 * rest; a range is a part of the body as it is, whole characters of a text.
 */

import { shownValue } from '../catalogue/shown-value.js';
import { jsonText } from '../exact-numbers.js';
import { GatewayError } from '../gateway-error.js';
import type { StoredAnswer } from '../ledger/ledger.js';
import { exactly, expressible, readAnswer, type AnswerContent } from '../upstream/read-answer.js';
import { select as selectFrom } from './jmespath.js';
import { beginning, fits, MOST_CHARACTERS_SHOWN, preview, type Cut } from './preview.js';
import { roundedIntegers } from './rounded-integers.js';
import { selectOfRest } from './select-of-rest.js';

export interface Shown {
  /** JMESPath over a JSON answer, or over the list of a stream's records. */
  readonly select?: string | undefined;
  /** Bytes from–to of the body, or of what `select` takes from it: `"0-65535"`. */
  readonly range?: string | undefined;
  /** However large it is. For programs; what an agent reads is kept to what its context bears. */
  readonly whole?: boolean | undefined;
}

export interface PresentedAnswer {
  /** The JSON value or the text; null where the answer is bytes or empty. */
  readonly body: unknown;
  readonly bytes?: {
    readonly kind: 'image' | 'audio' | 'binary';
    readonly mimeType: string;
    readonly data: Uint8Array;
  };
  /** Set where what is shown is not all. */
  readonly part?: PartOfBody;
  readonly warnings: readonly string[];
}

export interface PartOfBody {
  /** False for a range that was asked for. */
  readonly isPreview: boolean;
  /** Of all of it; JSON and text count in UTF-8. */
  readonly bytes: number;
  /** Of a preview: what was left out, the first places of it. */
  readonly cuts?: readonly Cut[];
  readonly range?: string;
  /** Where there is more behind the range. */
  readonly nextRange?: string;
}

/** What a range of text can have. */
const MOST_BYTES_OF_TEXT = MOST_CHARACTERS_SHOWN;
/** Bytes do not enter a model's context. This is the size up to which hosts take an image. */
const MOST_BYTES_SHOWN = 1_000_000;
const MOST_CUTS_TOLD = 20;

const ROUNDED =
  'the answer has numbers with more digits than JavaScript counts with, and select may have rounded them: get_usage with ' +
  'this request_id and range (such as "0-65535"), without select, returns their digits';
const AGAIN = 'get_usage with this request_id returns the answer again';

export function presentAnswer(answer: StoredAnswer, { select, range, whole = false }: Shown): PresentedAnswer {
  const { content, warnings } = choose(readAnswer(answer), select);
  if (range !== undefined) return { ...rangeOf(content, range), warnings };
  if (whole || isSmall(content)) return { ...showWhole(content), warnings: [...warnings, ...notesOfIntegers(content)] };
  const shown = showPreview(content);
  return { ...shown, warnings: [...warnings, noteOf(content, shown.part), ...notesOfIntegers(content)] };
}

/**
 * An upstream's body within an error, as it stands on the wire. It is not stored by itself, so a preview of it has no
 * way to the rest.
 */
export function errorBody(read: AnswerContent): {
  readonly body: unknown;
  readonly body_preview?: true;
  readonly body_bytes?: number;
} {
  const content = contentOf(read);
  if (content.kind === 'bytes') return { body: null };
  if (isSmall(content)) return { body: showWhole(content).body };
  const { body, part } = showPreview(content);
  return { body, body_preview: true, body_bytes: part.bytes };
}

type Content =
  /** `hasExact`: there is an `ExactNumber` in the value. */
  | { readonly kind: 'json'; readonly value: unknown; readonly text?: string; readonly hasExact: boolean }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: NonNullable<PresentedAnswer['bytes']> }
  | { readonly kind: 'nothing' };

function choose(
  read: AnswerContent,
  select: string | undefined,
): { readonly content: Content; readonly warnings: readonly string[] } {
  if (select !== undefined) {
    const document = expressible(read);
    if (document !== undefined) return chooseSelected(document, exactly(read), select);
  }
  const isOther = select !== undefined && read.kind !== 'empty';
  const type = read.kind === 'empty' ? '' : read.contentType;
  return {
    content: contentOf(read),
    warnings: isOther ? [`select was not applied: the answer is ${type}, not JSON`] : [],
  };
}

function chooseSelected(
  document: unknown,
  exact: unknown,
  select: string,
): { readonly content: Content; readonly warnings: readonly string[] } {
  const selected = selectFrom(select, document, exact);
  if ('fault' in selected) {
    return { content: { kind: 'nothing' }, warnings: [`select "${select}" failed: ${selected.fault}; ${AGAIN}`] };
  }
  const value = selected.value ?? null;
  const warnings = [
    ...(value === null ? [`select "${select}" matched nothing; ${AGAIN}`] : []),
    ...(selected.isRounded ? [ROUNDED] : []),
  ];
  return { content: { kind: 'json', value, hasExact: exact !== document && !selected.isRounded }, warnings };
}

function contentOf(read: AnswerContent): Content {
  switch (read.kind) {
    case 'json':
      return { kind: 'json', value: read.exact, text: read.text, hasExact: read.exact !== read.value };
    case 'text':
    case 'stream':
    case 'invalid-json':
      return { kind: 'text', text: read.text };
    case 'empty':
      return { kind: 'nothing' };
    case 'image':
    case 'audio':
    case 'binary':
      return { kind: 'bytes', bytes: { kind: read.kind, mimeType: read.contentType, data: read.bytes } };
  }
}

function isSmall(content: Content): boolean {
  switch (content.kind) {
    case 'nothing':
      return true;
    case 'bytes':
      return content.bytes.data.byteLength <= MOST_BYTES_SHOWN;
    case 'text':
      return content.text.length <= MOST_CHARACTERS_SHOWN;
    case 'json':
      // What the upstream wrote is about as long as what would be written here, and need not be measured.
      return (content.text?.length ?? Infinity) <= MOST_CHARACTERS_SHOWN || fits(content.value, MOST_CHARACTERS_SHOWN);
  }
}

function showWhole(content: Content): Pick<PresentedAnswer, 'body' | 'bytes'> {
  switch (content.kind) {
    case 'nothing':
      return { body: null };
    case 'bytes':
      return { body: null, bytes: content.bytes };
    case 'text':
      return { body: content.text };
    case 'json':
      return { body: content.value };
  }
}

function showPreview(content: Content): Pick<PresentedAnswer, 'body' | 'bytes'> & { readonly part: PartOfBody } {
  switch (content.kind) {
    case 'nothing':
      return { body: null, part: { isPreview: true, bytes: 0 } };
    case 'bytes': {
      const first = bytesFromTo(content, { from: 0, to: MOST_BYTES_OF_TEXT });
      return { ...first, part: { ...first.part, isPreview: true } };
    }
    case 'text': {
      const { text } = content;
      const body = beginning(text, MOST_CHARACTERS_SHOWN);
      const cut: Cut = { pointer: '', kept: body.length, of: text.length, unit: 'characters' };
      const bytes = Buffer.byteLength(text);
      return {
        body,
        part: { isPreview: true, bytes, cuts: [cut], nextRange: rangeFrom(Buffer.byteLength(body), bytes) },
      };
    }
    case 'json': {
      const { value, cuts } = preview(content.value);
      const bytes = Buffer.byteLength(textOf(content));
      return { body: value, part: { isPreview: true, bytes, cuts: cuts.slice(0, MOST_CUTS_TOLD) } };
    }
  }
}

function noteOf(content: Content, { bytes, cuts, nextRange }: PartOfBody): string {
  const first = content.kind === 'json' && cuts?.[0] !== undefined ? selectOfRest(content.value, cuts[0]) : undefined;
  const bySelect = first === undefined ? '' : `select (JMESPath, such as ${JSON.stringify(first)}) or `;
  return (
    `the body is a preview of ${bytes} bytes: get_usage with this request_id and ${bySelect}` +
    `range (such as "${nextRange ?? rangeFrom(0, bytes)}") returns more of it, free, for 24 hours`
  );
}

/**
 * What is shown has all digits, and loses some of them where a client's own JSON reads it: most clients are written in
 * JavaScript. In a text they are safe.
 */
function notesOfIntegers(content: Content): readonly string[] {
  const { places, more } =
    content.kind === 'json' && content.hasExact ? roundedIntegers(content.value) : { places: [], more: 0 };
  if (places.length === 0) return [];
  return [
    `integers that JavaScript rounds: ${places.join(', ')}${more > 0 ? `, and ${more} more` : ''}; ` +
      'get_usage with this request_id and range (such as "0-65535") returns the body as text, with every digit',
  ];
}

/** @throws GatewayError INVALID_REQUEST for a range that is none, or has nothing in it */
function rangeOf(content: Content, range: string): Pick<PresentedAnswer, 'body' | 'bytes'> & { part: PartOfBody } {
  if (content.kind === 'bytes') {
    return bytesFromTo(content, readRange(range, content.bytes.data.byteLength, MOST_BYTES_SHOWN));
  }
  const all = Buffer.from(textOf(content), 'utf8');
  const { from, to } = readRange(range, all.byteLength, MOST_BYTES_OF_TEXT);
  const start = characterAt(all, from, 1);
  const end = characterAt(all, to, to === all.byteLength || characterAt(all, to, -1) <= start ? 1 : -1);
  const body = Buffer.from(all.buffer, all.byteOffset + start, end - start).toString('utf8');
  return { body, part: partOf(start, end, all.byteLength, MOST_BYTES_OF_TEXT) };
}

function bytesFromTo(
  { bytes }: Content & { kind: 'bytes' },
  { from, to }: { readonly from: number; readonly to: number },
): Pick<PresentedAnswer, 'body' | 'bytes'> & { part: PartOfBody } {
  const { mimeType, data } = bytes;
  // A part of an image is no image.
  const shown = { kind: 'binary', mimeType, data: data.subarray(from, to) } as const;
  return { body: null, bytes: shown, part: partOf(from, to, data.byteLength, MOST_BYTES_SHOWN) };
}

/** RFC 9110 section 14.1.2, of one range that has a first byte. `to` is not part of it any more. */
function readRange(range: string, length: number, most: number): { readonly from: number; readonly to: number } {
  const [, first, last] = /^(\d{1,12})-(\d{0,12})$/.exec(range) ?? [];
  const from = Number(first);
  const to = Math.min(last === undefined || last === '' ? length : Number(last) + 1, from + most, length);
  if (first !== undefined && from < to) return { from, to };
  const shown = shownValue(range.slice(0, 40), []);
  throw new GatewayError(
    'INVALID_REQUEST',
    first === undefined
      ? `range ${shown} is no range of bytes: their first and last numbers, counted from 0, with a hyphen between them`
      : `range ${shown} has nothing of the ${length} bytes of this answer in it`,
    `write it as first-last, such as "${rangeFrom(0, length)}"`,
  );
}

/** The nearest beginning of a character in UTF-8, from here on or back. */
function characterAt(bytes: Uint8Array, place: number, step: 1 | -1): number {
  let at = place;
  while (at > 0 && at < bytes.byteLength && (bytes[at]! & 0xc0) === 0x80) at += step;
  return at;
}

function partOf(start: number, end: number, length: number, most: number): PartOfBody {
  const range = `${start}-${end - 1}`;
  const next = end < length ? { nextRange: rangeFrom(end, length, most) } : {};
  return { isPreview: false, bytes: length, range, ...next };
}

function rangeFrom(first: number, length: number, most = MOST_BYTES_OF_TEXT): string {
  return `${first}-${Math.max(first, Math.min(first + most, length) - 1)}`;
}

function textOf(content: Exclude<Content, { kind: 'bytes' }>): string {
  if (content.kind === 'nothing') return '';
  if (content.text !== undefined) return content.text;
  const { value } = content as Content & { kind: 'json' };
  return typeof value === 'string' ? value : jsonText(value);
}
