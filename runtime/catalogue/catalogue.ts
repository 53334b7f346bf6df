/**
 * The generated catalogue, as the runtime reads it: the search index whole and at once, a provider's descriptors on
 * first use. Every file is checked against the manifest's digest when it is read, so that a half-written or edited
 * catalogue is an error and never a wrong price.
 */

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { CATALOGUE_FORMAT } from '../../generated/contract.js';
import type {
  Catalogue as CatalogueFile,
  CatalogueEntry,
  CatalogueProvider,
  EndpointDescriptor,
  JsonSchema,
  Manifest,
  ProviderDescriptor,
  ProviderFile,
} from '../../generated/contract.js';

/** The catalogue on disk cannot be used. The message says which file, why, and how to make it anew. */
export class CatalogueError extends Error {
  constructor(file: string, fault: string) {
    super(`${file} ${fault}; make the catalogue anew with \`npm run generate\``);
    this.name = 'CatalogueError';
  }
}

/** An endpoint with what it shares with its provider's others. */
export interface LoadedEndpoint {
  readonly descriptor: EndpointDescriptor;
  readonly provider: ProviderDescriptor;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

interface LoadedProvider {
  readonly file: ProviderFile;
  readonly byId: ReadonlyMap<string, EndpointDescriptor>;
}

export class Catalogue {
  readonly #loaded = new Map<string, Promise<LoadedProvider>>();

  private constructor(
    private readonly dir: string,
    private readonly manifest: Manifest,
    readonly providers: ReadonlyMap<string, CatalogueProvider>,
    readonly entries: readonly CatalogueEntry[],
    private readonly entryById: ReadonlyMap<string, CatalogueEntry>,
  ) {}

  /**
   * Reads the manifest and the search index below `dir`.
   * @throws CatalogueError where a file is missing, broken, of another format, or not what the manifest says.
   */
  static async open(dir: string): Promise<Catalogue> {
    const manifest = readManifest(join(dir, 'manifest.json'), await read(join(dir, 'manifest.json')));
    const file = join(dir, 'catalogue.json');
    const index = parse<CatalogueFile>(file, await readChecked(file, manifest.catalogue));
    return new Catalogue(
      dir,
      manifest,
      new Map(index.providers.map((provider) => [provider.id, provider])),
      index.endpoints,
      new Map(index.endpoints.map((entry) => [entry.id, entry])),
    );
  }

  /** SHA-256 in hex of all that was generated; stands in every receipt. */
  get digest(): string {
    return this.manifest.catalogueDigest;
  }

  /** The row of the search index, or undefined where there is no such endpoint. */
  entry(id: string): CatalogueEntry | undefined {
    return this.entryById.get(id);
  }

  /**
   * The endpoint's descriptor, or undefined where the catalogue has none of that id.
   * @throws CatalogueError where the provider's file is broken.
   */
  async endpoint(id: string): Promise<LoadedEndpoint | undefined> {
    if (!this.entryById.has(id)) return undefined;
    const { file, byId } = await this.#provider(id.slice(0, id.indexOf('/')));
    const descriptor = byId.get(id);
    if (descriptor === undefined) return undefined;
    return { descriptor, provider: file.provider, definitions: file.definitions };
  }

  #provider(id: string): Promise<LoadedProvider> {
    let loading = this.#loaded.get(id);
    if (loading === undefined) {
      loading = this.#load(id);
      this.#loaded.set(id, loading);
      // A file that could not be read is tried again at the next use.
      loading.catch(() => this.#loaded.delete(id));
    }
    return loading;
  }

  async #load(id: string): Promise<LoadedProvider> {
    const name = `providers/${id}/descriptors.json`;
    const listed = this.manifest.providers
      .find((provider) => provider.id === id)
      ?.files.find(({ file }) => file === name);
    if (listed === undefined) throw new CatalogueError(join(this.dir, 'manifest.json'), `does not list ${name}`);
    const path = join(this.dir, name);
    const file = parse<ProviderFile>(path, await readChecked(path, listed.sha256));
    return { file, byId: new Map(file.endpoints.map((endpoint) => [endpoint.id, endpoint])) };
  }
}

function readManifest(path: string, bytes: Buffer): Manifest {
  const manifest = parse<Manifest | null>(path, bytes);
  const format: number | undefined = manifest?.format;
  if (manifest === null || format === undefined) throw new CatalogueError(path, 'is no manifest of a catalogue');
  if (format !== CATALOGUE_FORMAT) {
    throw new CatalogueError(path, `has format ${format}, and this gateway reads ${CATALOGUE_FORMAT}`);
  }
  // Receipts carry this digest, so it has to be that of what is served.
  if (manifest.catalogueDigest !== digestOf(manifest)) {
    throw new CatalogueError(path, 'was edited (its catalogueDigest is not that of the files that it names)');
  }
  return manifest;
}

/** What the contract calls `catalogueDigest`, over the digests that the manifest lists. */
function digestOf({ catalogue, providers }: Manifest): string {
  const lines = providers.flatMap(({ files }) =>
    files.filter(({ file }) => file.endsWith('/descriptors.json')).map(({ file, sha256 }) => `${file} ${sha256}\n`),
  );
  return createHash('sha256')
    .update([`${catalogue}\n`, ...lines].join(''))
    .digest('hex');
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new CatalogueError(path, `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

async function readChecked(path: string, sha256: string): Promise<Buffer> {
  const bytes = await read(path);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) {
    throw new CatalogueError(path, 'is not the file that the manifest names (its SHA-256 differs)');
  }
  return bytes;
}

function parse<T>(path: string, bytes: Buffer): T {
  try {
    return JSON.parse(bytes.toString('utf8')) as T;
  } catch (error) {
    throw new CatalogueError(path, `is not JSON (${(error as Error).message})`);
  }
}
