/**
 * Reads one provider's document: bytes → text → value → (overlay) → one self-contained document, validated.
 *
 * What comes out is an object that says that it is OpenAPI, within the bounds of size, with every file it refers to
 * inside it. It reads no file outside the provider's folder and, unless told otherwise, nothing from the network. It
 * does not judge or change what the document describes: that is normalize's.
 */

import path from 'node:path';
import { SpecError, type Findings, type Place } from '../report/findings.js';
import { bringReferencesInside, FILES_KEY, type ReferenceOpener } from './bring-references-inside.js';
import { fetchRemoteFile } from './fetch-remote-file.js';
import { forbidden, MAKE_READABLE, UNREADABLE } from './forbidden.js';
import { guardSize } from './guard-size.js';
import { pointerTokens, toPointer } from './json-pointer.js';
import { parseText, type ParsedText } from './parse-text.js';
import { readContainedFile } from './read-contained-file.js';
import { validateDocument } from './validate-document.js';

export interface DocumentSource {
  readonly provider: string;
  readonly specsDir: string;
  /** Path below `specsDir`, with forward slashes. */
  readonly file: string;
  /**
   * Path below `specsDir` that local references may not leave: the provider's folder, or for a single file just that
   * file.
   */
  readonly root: string;
}

export interface LoadOptions {
  readonly allowRemoteRefs: boolean;
  /**
   * URL that the maintainer gave for the document. Remote references may lead back to its origin even where that is no
   * public address; what the document says of itself allows nothing.
   */
  readonly fetchedFrom?: string;
  /** Applied to the parsed root before anything else reads it: where an overlay takes effect. */
  readonly transform?: (document: object) => object;
}

export interface LoadedDocument {
  /** The parsed root: external references are inside, internal `#/` ones are kept. */
  readonly document: object;
  /** Every file that was read: the root first. */
  readonly files: readonly { readonly file: string; readonly bytes: Uint8Array }[];
  /** File, line and column of a JSON pointer into `document`, or of its nearest ancestor in the text. */
  place(pointer: string): Place;
  /** The URL that the document was fetched from, where it says so (`x-origin` of apis.guru, `$self` of OpenAPI 3.2). */
  readonly origin?: string;
}

/** @throws SpecError for a document that cannot be admitted */
export async function loadDocument(
  source: DocumentSource,
  options: LoadOptions,
  findings: Findings,
): Promise<LoadedDocument> {
  const files = new Map<string, { file: string; bytes: Uint8Array; parsed: ParsedText }>();
  const specsDir = path.resolve(source.specsDir);
  const rootDir = path.resolve(specsDir, source.root);
  const trusted = options.fetchedFrom === undefined ? undefined : new URL(options.fetchedFrom).origin;

  const keep = (file: string, bytes: Uint8Array): unknown => {
    const parsed = parseFile(bytes, file);
    const members = guardSize(parsed.value, file);
    for (const { pointer, key, first, again } of parsed.duplicates(members)) {
      findings.warnings.push({
        provider: source.provider,
        ...{ file, pointer, ...again },
        rule: 'duplicate-key',
        message: `the key ${JSON.stringify(key)} is at ${first.line}:${first.column} already; the last one counts`,
        remedy: 'keep one of them',
      });
    }
    warnRounded(parsed, { provider: source.provider, file }, findings);
    files.set(file, { file, bytes, parsed });
    return parsed.value;
  };
  const placeIn = (file: string, pointer: string): Place => ({
    file,
    pointer,
    ...files.get(file)?.parsed.position(pointer),
  });
  const place = (pointer: string): Place => {
    const [key, file, ...rest] = pointerTokens(pointer);
    return key === FILES_KEY && file !== undefined ? placeIn(file, toPointer(rest)) : placeIn(source.file, pointer);
  };

  const read = await readContainedFile(rootDir, path.resolve(specsDir, source.file));
  if ('fault' in read) {
    if (read.fault === 'forbidden') throw forbidden({ file: source.file, pointer: '' });
    const message = `the document is ${read.fault === 'outside' ? "outside of its provider's folder" : read.fault}`;
    throw new SpecError({ file: source.file, pointer: '' }, UNREADABLE, message, 'put the document itself there');
  }
  let document = keep(source.file, read.bytes);
  if (options.transform !== undefined && isObject(document)) {
    document = options.transform(document);
    guardSize(document, source.file);
  }
  refuseOtherFormats(document, (pointer) => placeIn(source.file, pointer));
  if (isLaterThanKnown(document['openapi'])) {
    findings.warnings.push({
      provider: source.provider,
      ...placeIn(source.file, '/openapi'),
      rule: 'unknown-version',
      message: `version ${String(document['openapi'])} is not known; it is read as 3.2`,
      remedy: CONVERT,
    });
  }

  const opener: ReferenceOpener = {
    async open(reference, from, refPlace) {
      const url = remoteUrl(reference, from);
      // OpenAPI 3.2 lets a document say its own URL, and then refer to itself by it.
      if (url !== undefined && url === document['$self']) return { name: source.file, value: document };
      if (url !== undefined) {
        if (!options.allowRemoteRefs) {
          const message = `refers to ${JSON.stringify(reference)} on the network`;
          throw new SpecError(
            refPlace(),
            'remote-ref',
            message,
            'copy the file next to it, or pass --allow-remote-refs',
          );
        }
        const known = files.get(url);
        if (known !== undefined) return { name: url, value: known.parsed.value };
        const fetched = await fetchRemoteFile(url, trusted);
        if ('bytes' in fetched) return { name: url, value: keep(url, fetched.bytes) };
        if (fetched.isPrivate !== true) return { fault: fetched.fault };
        const message = `refers to ${JSON.stringify(reference)}, but ${fetched.fault}`;
        throw new SpecError(refPlace(), 'private-ref', message, 'copy the file next to the document');
      }
      const absolute = path.resolve(specsDir, path.dirname(from), decodePath(reference));
      const name = path.relative(specsDir, absolute).split(path.sep).join('/');
      const known = files.get(name);
      if (known !== undefined) return { name, value: known.parsed.value };
      const local = hasScheme(reference) ? ({ fault: 'outside' } as const) : await readContainedFile(rootDir, absolute);
      if ('bytes' in local) return { name, value: keep(name, local.bytes) };
      if (local.fault === 'missing') return { fault: `there is no file ${JSON.stringify(name)}` };
      if (local.fault === 'forbidden') {
        const message = `refers to ${JSON.stringify(reference)}, which this user may not read`;
        throw new SpecError(refPlace(), UNREADABLE, message, MAKE_READABLE);
      }
      const message = `refers to ${JSON.stringify(reference)}, which is ${local.fault === 'outside' ? 'outside of its folder' : local.fault}`;
      throw new SpecError(refPlace(), 'ref-outside-folder', message, "copy the file into the provider's folder");
    },
  };
  await bringReferencesInside(document, source.file, source.provider, opener, placeIn, findings);
  await validateDocument(document, source.provider, place, findings);

  const origin = originOf(document);
  return {
    document,
    files: [...files.values()].map(({ file, bytes }) => ({ file, bytes })),
    place,
    ...(origin === undefined ? {} : { origin }),
  };
}

/** Numbers that are listed; whoever has more has them in examples. */
const MOST_ROUNDED = 20;

function warnRounded(
  parsed: ParsedText,
  source: { readonly provider: string; readonly file: string },
  findings: Findings,
): void {
  const rounded = parsed.rounded();
  for (const [index, { pointer, digits, at }] of rounded.slice(0, MOST_ROUNDED).entries()) {
    const left = rounded.length - MOST_ROUNDED;
    const more = index === MOST_ROUNDED - 1 && left > 0 ? `; ${left} more numbers of this file are rounded` : '';
    findings.warnings.push({
      ...{ ...source, pointer, ...at },
      rule: 'number-rounded',
      message: `${shownDigits(digits)} has more digits than a double holds, and is read as ${String(Number(digits))}${more}`,
      remedy: 'none is needed for a limit or an example; else write a number of at most 15 digits, or a text',
    });
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const CONVERT = 'convert it to OpenAPI 3.0, 3.1 or 3.2';

/** OpenAPI changes little within a major version, and what of it cannot be read is listed by itself. */
function isLaterThanKnown(version: unknown): boolean {
  const [, minor] = /^3\.(\d+)/.exec(String(version).trim()) ?? [];
  return Number(minor) > 2;
}

function refuseOtherFormats(
  document: unknown,
  place: (pointer: string) => Place,
): asserts document is Record<string, unknown> {
  const refuse = (rule: string, message: string, remedy: string, pointer = ''): never => {
    throw new SpecError(place(pointer), rule, message, remedy);
  };
  if (!isObject(document)) return refuse('not-openapi', 'the document is not an object', 'provide an OpenAPI document');
  const version = document['openapi'] ?? document['swagger'];
  if (typeof version !== 'string' && typeof version !== 'number') {
    return refuse('not-openapi', 'neither "openapi" nor "swagger" names a version', 'provide an OpenAPI document');
  }
  const field = document['openapi'] === undefined ? 'swagger' : 'openapi';
  const isKnown = field === 'swagger' ? /^2(\.0)?$/ : /^3(\.\d|$)/;
  if (!isKnown.test(String(version).trim())) {
    return refuse('unsupported-version', `version ${version} cannot be read`, CONVERT, `/${field}`);
  }
  if (!isObject(document['paths'])) {
    return refuse('no-paths', 'the document has no "paths" object', 'provide a document that describes operations');
  }
}

/** The URL that a reference names, by itself or relative to the remote file that it stands in. */
function remoteUrl(reference: string, from: string): string | undefined {
  if (/^https?:/i.test(reference)) return URL.canParse(reference) ? new URL(reference).href : reference;
  if (reference.startsWith('//')) return URL.canParse(`https:${reference}`) ? `https:${reference}` : reference;
  if (/^https?:/i.test(from) && !hasScheme(reference)) return new URL(reference, from).href;
  return undefined;
}

function hasScheme(reference: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(reference);
}

function decodePath(reference: string): string {
  const file = reference.split('?', 1)[0]!;
  try {
    return decodeURIComponent(file);
  } catch {
    return file; // A stray % is a part of the name.
  }
}

function originOf(document: Record<string, unknown>): string | undefined {
  const info = document['info'];
  const origins: unknown = isObject(info) ? info['x-origin'] : undefined;
  const last: unknown = Array.isArray(origins) ? origins.at(-1) : undefined;
  for (const url of [document['$self'], isObject(last) ? last['url'] : undefined]) {
    if (typeof url === 'string' && /^https?:\/\//i.test(url) && URL.canParse(url)) return url;
  }
  return undefined;
}
