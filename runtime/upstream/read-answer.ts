/**
 * Reads an answer's bytes as what its `Content-Type` says that they are. It changes no value: bytes stay exact, text is
 * decoded by its charset, JSON keeps its text beside the parsed value, and a stream its text beside its records.
 *
 * JSON is parsed by `JSON.parse`, which makes a `__proto__` member an own property like any other and never sets a
 * prototype; whoever copies such a value is to spread it and not to assign its members one by one.
 */

import { TextDecoder } from 'node:util';
import { exactOf } from '../exact-numbers.js';
import { essence, isJson, isXml, parameterOf } from './media-type.js';
import { isStream, recordReader } from './records.js';
import type { UpstreamAnswer } from './send.js';

export type AnswerContent =
  /** `exact` is the value again, with an `ExactNumber` where no double holds the number; mostly the very same. */
  | {
      readonly kind: 'json';
      readonly value: unknown;
      readonly exact: unknown;
      readonly text: string;
      readonly contentType: string;
    }
  | { readonly kind: 'text'; readonly text: string; readonly contentType: string }
  /** `records`: what each of them says, a JSON value or else its text; undefined where there are too many. */
  | {
      readonly kind: 'stream';
      readonly records: readonly unknown[] | undefined;
      readonly exact: readonly unknown[] | undefined;
      readonly text: string;
      readonly contentType: string;
    }
  | { readonly kind: 'image' | 'audio' | 'binary'; readonly bytes: Uint8Array; readonly contentType: string }
  | { readonly kind: 'empty' }
  /** Said to be JSON, and is not; `text` is what came instead. */
  | { readonly kind: 'invalid-json'; readonly message: string; readonly text: string; readonly contentType: string };

/** Deeper than any real answer, and far from where recursion over the value would end the process. */
const MAX_DEPTH = 500;
/** Of a stream. To read more takes longer than any other work on an answer. */
const MAX_RECORDS = 200_000;

/** An answer is read when it is charged, and again when it is shown: the second time it is only looked up. */
const READ = new WeakMap<Uint8Array, { readonly contentType: string; readonly content: AnswerContent }>();

/** What expressions (`select`, meters, `void_if`) are about: the JSON value, or the list of a stream's records. */
export function expressible(read: AnswerContent): unknown {
  if (read.kind === 'json') return read.value;
  return read.kind === 'stream' ? read.records : undefined;
}

/** The same with the numbers that no double holds. */
export function exactly(read: AnswerContent): unknown {
  return read.kind === 'json' || read.kind === 'stream' ? read.exact : undefined;
}

export function readAnswer({ body, contentType }: Pick<UpstreamAnswer, 'body' | 'contentType'>): AnswerContent {
  const before = READ.get(body);
  if (before?.contentType === contentType) return before.content;
  const content = read(body, contentType);
  READ.set(body, { contentType, content });
  return content;
}

function read(body: Uint8Array, contentType: string): AnswerContent {
  if (body.byteLength === 0) return { kind: 'empty' };
  const type = essence(contentType);

  if (isStream(type)) return readStream(decodeText(body, contentType), contentType);
  if (isJson(type)) return readJson(decodeText(body, contentType), contentType);
  if (isText(type)) return { kind: 'text', text: decodeText(body, contentType), contentType };
  if (type.startsWith('image/')) return { kind: 'image', bytes: body, contentType };
  if (type.startsWith('audio/')) return { kind: 'audio', bytes: body, contentType };
  return type === '' ? readUntyped(body) : { kind: 'binary', bytes: body, contentType };
}

function isText(type: string): boolean {
  return type.startsWith('text/') || isXml(type) || /[/+.-]yaml$/.test(type) || TEXT_TYPES.has(type);
}

const TEXT_TYPES = new Set([
  'application/ecmascript',
  'application/graphql',
  'application/javascript',
  'application/jwt',
  'application/sparql-query',
  'application/sparql-update',
  'application/sql',
  'application/text',
  'application/toml',
  'application/x-javascript',
  'application/x-sh',
  'application/x-www-form-urlencoded',
  'plain/text',
]);

/** Without a type (RFC 9110 section 8.3 allows a look at the data): JSON or text where it is so beyond doubt. */
function readUntyped(body: Uint8Array): AnswerContent {
  const text = decodeUtf8(body);
  if (text === undefined) return { kind: 'binary', bytes: body, contentType: 'application/octet-stream' };
  if (/^\s*[[{]/.test(text)) {
    const json = readJson(text, 'application/json');
    if (json.kind === 'json') return json;
  }
  return { kind: 'text', text, contentType: 'text/plain' };
}

function readJson(text: string, contentType: string): AnswerContent {
  if (depthOf(text) > MAX_DEPTH) {
    return { kind: 'invalid-json', message: `the json is nested deeper than ${MAX_DEPTH} levels`, text, contentType };
  }
  try {
    const value: unknown = JSON.parse(text);
    return { kind: 'json', value, exact: exactOf(text, value), text, contentType };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: 'invalid-json', message: `the answer is not json: ${error.message}`, text, contentType };
  }
}

function readStream(text: string, contentType: string): AnswerContent {
  const texts: string[] = [];
  const reader = recordReader(contentType, (record) => texts.push(record));
  reader.feed(text);
  reader.end();
  if (texts.length > MAX_RECORDS) return { kind: 'stream', records: undefined, exact: undefined, text, contentType };
  const read = texts.map((record) => readJson(record, 'application/json'));
  const records = read.map((record, index) => (record.kind === 'json' ? record.value : texts[index]));
  const exact = read.map((record, index) => (record.kind === 'json' ? record.exact : texts[index]));
  const isSame = exact.every((record, index) => record === records[index]);
  return { kind: 'stream', records, exact: isSame ? records : exact, text, contentType };
}

/** How deep brackets nest outside of strings, by one pass over the text. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (inString) {
      if (character === 0x5c) at += 1;
      else if (character === 0x22) inString = false;
    } else if (character === 0x22) inString = true;
    else if (character === 0x5b || character === 0x7b) deepest = Math.max(deepest, (depth += 1));
    else if (character === 0x5d || character === 0x7d) depth -= 1;
  }
  return deepest;
}

/** A byte order mark wins over the declared charset (WHATWG Encoding, "BOM sniff"); undeclared text is UTF-8 if it can be. */
function decodeText(body: Uint8Array, contentType: string): string {
  const charset = charsetOfMark(body) ?? parameterOf(contentType, 'charset') ?? xmlCharset(body, contentType);
  const decoder = charset === undefined ? undefined : decoderOf(charset);
  return decoder?.decode(body) ?? decodeUtf8(body) ?? new TextDecoder('windows-1252').decode(body);
}

function charsetOfMark(body: Uint8Array): string | undefined {
  const [first, second, third] = body;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return undefined;
}

/** The encoding that an XML declaration names (XML 1.0 section 4.3.3). */
function xmlCharset(body: Uint8Array, contentType: string): string | undefined {
  if (!isXml(contentType)) return undefined;
  const start = Buffer.from(body.subarray(0, 200)).toString('latin1');
  return /^<\?xml[^>]*\bencoding=["']([\w.-]+)["']/.exec(start)?.[1];
}

/** Undefined for a charset that nobody knows: such an answer is better read as UTF-8 than lost. */
function decoderOf(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(body: Uint8Array): string | undefined {
  try {
    return UTF_8.decode(body);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}
