/**
 * The providers' descriptors that are in memory: each is read at its first use and kept while it is used, until those
 * used since take up the room. A file is known by its digest, so that catalogues that follow one another share what did
 * not change between them. What cannot be read is not kept: the next use tries again.
 */

import { LRUCache } from 'lru-cache';

import type { EndpointDescriptor, ProviderFile } from '../../generated/contract.js';
import type { CatalogueError } from './catalogue-error.js';
import { parseCatalogueFile, readCheckedFile } from './read-file.js';

export interface LoadedProvider {
  readonly file: ProviderFile;
  readonly byId: ReadonlyMap<string, EndpointDescriptor>;
}

export interface ProviderFilesOptions {
  /** Bytes of files whose content is kept, at most; the one used last is kept whatever its size. */
  readonly mostBytes?: number;
  /** Told once of a file that cannot be used, until it can be again. */
  readonly onFault?: (error: CatalogueError) => void;
}

/** In memory their content takes about three times as much. */
const MOST_BYTES = 50_000_000;

export class ProviderFiles {
  readonly #mostBytes: number;
  readonly #loaded: LRUCache<string, LoadedProvider>;
  readonly #loading = new Map<string, Promise<LoadedProvider>>();
  readonly #faulty = new Set<string>();
  readonly #onFault: (error: CatalogueError) => void;

  constructor({ mostBytes = MOST_BYTES, onFault = () => undefined }: ProviderFilesOptions = {}) {
    this.#mostBytes = mostBytes;
    this.#onFault = onFault;
    this.#loaded = new LRUCache({ maxSize: mostBytes });
  }

  /** How many providers are in memory, and how many bytes their files have. */
  get held(): { readonly providers: number; readonly bytes: number } {
    return { providers: this.#loaded.size, bytes: this.#loaded.calculatedSize };
  }

  /** Undefined where the file that has this digest is not in memory. */
  loaded(sha256: string): LoadedProvider | undefined {
    return this.#loaded.get(sha256);
  }

  /**
   * Reads a file that is not in memory, once for all that wait for it.
   * @throws CatalogueError where it is missing, broken, or not the one that has this digest.
   */
  load(path: string, sha256: string): Promise<LoadedProvider> {
    let loading = this.#loading.get(sha256);
    if (loading === undefined) {
      loading = this.#read(path, sha256).finally(() => this.#loading.delete(sha256));
      this.#loading.set(sha256, loading);
    }
    return loading;
  }

  async #read(path: string, sha256: string): Promise<LoadedProvider> {
    try {
      const bytes = await readCheckedFile(path, sha256);
      const file = parseCatalogueFile<ProviderFile>(path, bytes.toString('utf8'));
      const loaded = { file, byId: new Map(file.endpoints.map((endpoint) => [endpoint.id as string, endpoint])) };
      this.#loaded.set(sha256, loaded, { size: Math.min(Math.max(bytes.length, 1), this.#mostBytes) });
      this.#faulty.delete(path);
      return loaded;
    } catch (error) {
      if (!this.#faulty.has(path)) this.#onFault(error as CatalogueError);
      this.#faulty.add(path);
      throw error;
    }
  }
}
