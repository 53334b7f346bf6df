/**
 * Opens the files that a document refers to: those of the provider's folder, and those on the network where the
 * maintainer allows it. Each is read once.
 */

import path from 'node:path';

import { SpecError, type Place } from '../report/findings.js';
import type { NoFile, ReferencedFile, ReferenceOpener } from './bring-references-inside.js';
import { fetchBounded } from './fetch-bounded.js';
import type { FilesOfDocument } from './files-of-document.js';
import { MAKE_READABLE, UNREADABLE } from './forbidden.js';
import { readContainedFile } from './read-contained-file.js';

/** For a file on the network. */
const TIMEOUT_MS = 15_000;

export interface ReferenceOpenerOptions {
  /** The root: its name, and what is in it. */
  readonly root: ReferencedFile & { readonly value: Readonly<Record<string, unknown>> };
  readonly files: FilesOfDocument;
  /** Absolute path of the folder that names of files are below. */
  readonly specsDir: string;
  /** Absolute path of the folder (or of the one file) that may be read. */
  readonly rootDir: string;
  readonly allowRemoteRefs: boolean;
  /** The origin whose address is not looked at. */
  readonly trusted: string | undefined;
}

export function referenceOpener(options: ReferenceOpenerOptions): ReferenceOpener {
  const { root, files, specsDir, rootDir, allowRemoteRefs, trusted } = options;

  async function openRemote(url: string, reference: string, place: () => Place): Promise<ReferencedFile | NoFile> {
    // OpenAPI 3.2 lets a document say its own URL, and then refer to itself by it.
    if (url === root.value['$self']) return root;
    if (!allowRemoteRefs) {
      const message = `refers to ${JSON.stringify(reference)} on the network`;
      throw new SpecError(place(), 'remote-ref', message, 'copy the file next to it, or pass --allow-remote-refs');
    }
    if (files.has(url)) return { name: url, value: files.value(url) };
    if (!URL.canParse(url)) return { fault: 'it is no URL' };
    const fetched = await fetchBounded(new URL(url), {
      timeoutMs: TIMEOUT_MS,
      trusts: (origin) => origin === trusted,
    });
    if ('bytes' in fetched) return { name: url, value: files.add(url, fetched.bytes) };
    if (fetched.kind !== 'private') return { fault: fetched.fault };
    const message = `refers to ${JSON.stringify(reference)}, but ${fetched.fault}`;
    throw new SpecError(place(), 'private-ref', message, 'copy the file next to the document');
  }

  async function openLocal(reference: string, from: string, place: () => Place): Promise<ReferencedFile | NoFile> {
    const absolute = path.resolve(specsDir, path.dirname(from), decodePath(reference));
    const name = path.relative(specsDir, absolute).split(path.sep).join('/');
    if (files.has(name)) return { name, value: files.value(name) };
    const read = hasScheme(reference) ? ({ fault: 'outside' } as const) : await readContainedFile(rootDir, absolute);
    if ('bytes' in read) return { name, value: files.add(name, read.bytes) };
    if (read.fault === 'missing') return { fault: `there is no file ${JSON.stringify(name)}` };
    if (read.fault === 'forbidden') {
      const message = `refers to ${JSON.stringify(reference)}, which this user may not read`;
      throw new SpecError(place(), UNREADABLE, message, MAKE_READABLE);
    }
    const fault = read.fault === 'outside' ? 'outside of its folder' : read.fault;
    const message = `refers to ${JSON.stringify(reference)}, which is ${fault}`;
    throw new SpecError(place(), 'ref-outside-folder', message, "copy the file into the provider's folder");
  }

  return {
    open: (reference, from, place) => {
      const url = remoteUrl(reference, from);
      return url === undefined ? openLocal(reference, from, place) : openRemote(url, reference, place);
    },
  };
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
