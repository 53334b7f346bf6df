/**
 * Reads one provider's document: bytes → text → value → (overlay) → one self-contained document, validated.
 *
 * What comes out is an object that says that it is OpenAPI, within the bounds of size, with every file it refers to
 * inside it. It reads no file outside the provider's folder and, unless told otherwise, nothing from the network. It
 * does not judge or change what the document describes: that is normalize's.
 */

import path from 'node:path';
import { SpecError, type Findings, type Place } from '../report/findings.js';
import { bringReferencesInside, FILES_KEY } from './bring-references-inside.js';
import { FilesOfDocument } from './files-of-document.js';
import { forbidden, UNREADABLE } from './forbidden.js';
import { guardSize } from './guard-size.js';
import { pointerTokens, toPointer } from './json-pointer.js';
import { readContainedFile } from './read-contained-file.js';
import { referenceOpener } from './reference-opener.js';
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
  const files = new FilesOfDocument(source.provider, findings);
  const specsDir = path.resolve(source.specsDir);
  const rootDir = path.resolve(specsDir, source.root);
  const trusted = options.fetchedFrom === undefined ? undefined : new URL(options.fetchedFrom).origin;

  const place = (pointer: string): Place => {
    const [key, file, ...rest] = pointerTokens(pointer);
    return key === FILES_KEY && file !== undefined
      ? files.place(file, toPointer(rest))
      : files.place(source.file, pointer);
  };

  const read = await readContainedFile(rootDir, path.resolve(specsDir, source.file));
  if ('fault' in read) {
    if (read.fault === 'forbidden') throw forbidden({ file: source.file, pointer: '' });
    const message = `the document is ${read.fault === 'outside' ? "outside of its provider's folder" : read.fault}`;
    throw new SpecError({ file: source.file, pointer: '' }, UNREADABLE, message, 'put the document itself there');
  }
  let document = files.add(source.file, read.bytes);
  if (options.transform !== undefined && isObject(document)) {
    document = options.transform(document);
    guardSize(document, source.file);
  }
  refuseOtherFormats(document, (pointer) => files.place(source.file, pointer));
  if (isLaterThanKnown(document['openapi'])) {
    findings.warnings.push({
      provider: source.provider,
      ...files.place(source.file, '/openapi'),
      rule: 'unknown-version',
      message: `version ${String(document['openapi'])} is not known; it is read as 3.2`,
      remedy: CONVERT,
    });
  }

  const opener = referenceOpener({
    root: { name: source.file, value: document },
    files,
    specsDir,
    rootDir,
    trusted,
    allowRemoteRefs: options.allowRemoteRefs,
  });
  const placeIn = (file: string, pointer: string): Place => files.place(file, pointer);
  await bringReferencesInside(document, source.file, source.provider, opener, placeIn, findings);
  await validateDocument(document, source.provider, place, findings);

  const origin = originOf(document);
  return { document, files: files.list(), place, ...(origin === undefined ? {} : { origin }) };
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

function originOf(document: Record<string, unknown>): string | undefined {
  const info = document['info'];
  const origins: unknown = isObject(info) ? info['x-origin'] : undefined;
  const last: unknown = Array.isArray(origins) ? origins.at(-1) : undefined;
  for (const url of [document['$self'], isObject(last) ? last['url'] : undefined]) {
    if (typeof url === 'string' && /^https?:\/\//i.test(url) && URL.canParse(url)) return url;
  }
  return undefined;
}
