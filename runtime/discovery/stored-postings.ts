/**
 * Keeps the postings of a large catalogue in a file of the data directory, so that only the first start with it has to
 * index it. The file is bound to the catalogue's digest and ends with a digest of its own: one that is old, cut off or
 * edited counts as absent. It holds nothing that cannot be made anew.
 */

import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Postings } from './postings.js';

/** To be raised whenever the same catalogue would have other postings. */
const VERSION = 4;
const DIGEST_BYTES = 32;
const LONGEST_WRITE_MS = 3_600_000;

interface Header {
  readonly terms: readonly string[];
  readonly postings: number;
  readonly rows: number;
}

export class StoredPostings {
  readonly #name: string;

  /** @param catalogueDigest of the catalogue whose postings they are. */
  constructor(
    private readonly folder: string,
    catalogueDigest: string,
  ) {
    this.#name = `${catalogueDigest}.${VERSION}`;
  }

  /** Undefined where there are none that can be used. */
  async read(): Promise<Postings | undefined> {
    let file: Buffer;
    try {
      file = await readFile(join(this.folder, this.#name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const content = file.subarray(0, Math.max(0, file.length - DIGEST_BYTES));
    if (!sha256(content).equals(file.subarray(content.length))) return undefined;
    const headerBytes = content.readUInt32LE(0);
    const { terms, postings, rows } = JSON.parse(content.toString('utf8', 4, 4 + headerBytes)) as Header;
    let at = 4 + headerBytes;
    const take = (bytes: number): ArrayBuffer => {
      const part = new Uint8Array(content.subarray(at, at + bytes)).buffer;
      at += bytes;
      return part;
    };
    return {
      terms,
      offsets: new Uint32Array(take(4 * (terms.length + 1))),
      rows: new Uint32Array(take(4 * postings)),
      weights: new Uint16Array(take(2 * postings)),
      lengths: new Uint32Array(take(4 * rows)),
    };
  }

  /** Writes them, and deletes those of other catalogues. Throws the file system's own errors. */
  async write({ terms, offsets, rows, weights, lengths }: Postings): Promise<void> {
    const header: Header = { terms, postings: rows.length, rows: lengths.length };
    const text = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    const content = Buffer.concat([length, text, ...[offsets, rows, weights, lengths].map(bytesOf)]);
    await mkdir(this.folder, { recursive: true });
    const staging = join(this.folder, `.${this.#name}.${process.pid}`);
    await writeFile(staging, Buffer.concat([content, sha256(content)]));
    await rename(staging, join(this.folder, this.#name));
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      if (name !== this.#name && !isBeingWritten(name, path)) await rm(path, { force: true });
    }
  }
}

/** By another process; a file that is an hour old was left by one that is gone. */
function isBeingWritten(name: string, path: string): boolean {
  if (!name.startsWith('.')) return false;
  const changedAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return changedAtMs === undefined || Date.now() - changedAtMs < LONGEST_WRITE_MS;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Uint16Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function sha256(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}
