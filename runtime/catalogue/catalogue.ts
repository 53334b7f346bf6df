/**
 * The generated catalogue, as the runtime reads it: the rows that are searched as they stand in their file, a provider's
 * descriptors on first use. Every file is checked against the manifest's digest when it is read, so that a half-written
 * or edited catalogue is an error and never a wrong price. A catalogue never changes: what is made anew is another one.
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { CATALOGUE_FORMAT } from '../../generated/contract.js';
import type {
  CatalogueProvider,
  EndpointDescriptor,
  JsonSchema,
  Manifest,
  ProviderDescriptor,
} from '../../generated/contract.js';
import type { CatalogueEntries } from './catalogue-entries.js';
import { CatalogueError } from './catalogue-error.js';
import { readCatalogueRows } from './catalogue-rows.js';
import { ProviderFiles, type LoadedProvider } from './provider-files.js';
import { parseCatalogueFile, readCatalogueFile, readCheckedFile } from './read-file.js';

/** An endpoint with what it shares with its provider's others. */
export interface LoadedEndpoint {
  readonly descriptor: EndpointDescriptor;
  readonly provider: ProviderDescriptor;
  readonly definitions: Readonly<Record<string, JsonSchema>>;
}

/** A provider's rows among the entries. */
export interface Section {
  readonly provider: string;
  /** SHA-256 in hex of the descriptors, from which the rows are made: equal digests have equal rows. */
  readonly digest: string;
  readonly start: number;
  readonly end: number;
}

export interface OpenOptions {
  /** What is in memory of providers; to be shared by catalogues that follow one another. */
  readonly files?: ProviderFiles;
}

export class Catalogue {
  readonly #reading = new Set<Promise<LoadedProvider>>();
  readonly #inOrder: readonly Section[];

  private constructor(
    readonly dir: string,
    /** SHA-256 in hex of all that was generated; stands in every receipt. */
    readonly digest: string,
    readonly providers: ReadonlyMap<string, CatalogueProvider>,
    readonly entries: CatalogueEntries,
    /** In the order of the entries; together they are all of them. */
    readonly sections: ReadonlyMap<string, Section>,
    private readonly files: ProviderFiles,
  ) {
    this.#inOrder = [...sections.values()];
  }

  /**
   * Reads the manifest and the list of endpoints below `dir`.
   * @throws CatalogueError where a file is missing, broken, of another format, or not what the manifest says.
   */
  static async open(dir: string, { files = new ProviderFiles() }: OpenOptions = {}): Promise<Catalogue> {
    const manifestFile = join(dir, 'manifest.json');
    const manifest = readManifest(manifestFile, await readCatalogueFile(manifestFile));
    const digests = descriptorDigests(manifest);
    const file = join(dir, 'catalogue.json');
    const { providers, entries } = await readCatalogueRows(file, await readCheckedFile(file, manifest.catalogue));
    const sections = new Map<string, Section>();
    let start = 0;
    for (const { id, endpoints } of providers) {
      const end = start + endpoints;
      const digest = digests.get(id);
      if (sections.has(id)) throw new CatalogueError(file, `names the provider ${id} twice`);
      if (digest === undefined) throw new CatalogueError(manifestFile, `does not list ${descriptorsOf(id)}`);
      sections.set(id, { provider: id, digest, start, end });
      start = end;
    }
    const byId = new Map(providers.map((provider) => [provider.id, provider]));
    return new Catalogue(dir, manifest.catalogueDigest, byId, entries, sections, files);
  }

  /**
   * The endpoint's descriptor, or undefined where the catalogue has none of that id.
   * @throws CatalogueError where the provider's file is broken.
   */
  async endpoint(id: string): Promise<LoadedEndpoint | undefined> {
    const section = this.sections.get(id.slice(0, Math.max(0, id.indexOf('/'))));
    if (section === undefined) return undefined;
    const { file, byId } = this.files.loaded(section.digest) ?? (await this.#provider(section));
    const descriptor = byId.get(id);
    if (descriptor === undefined) return undefined;
    return { descriptor, provider: file.provider, definitions: file.definitions };
  }

  /** Resolves when nobody is reading a file of it. */
  async settled(): Promise<void> {
    while (this.#reading.size > 0) await Promise.allSettled(this.#reading);
  }

  /** The section that the entry at this place stands in. */
  sectionAt(place: number): Section {
    let low = 0;
    for (let high = this.#inOrder.length - 1; low < high;) {
      const middle = (low + high + 1) >> 1;
      if (this.#inOrder[middle]!.start <= place) low = middle;
      else high = middle - 1;
    }
    return this.#inOrder[low]!;
  }

  async #provider({ provider, digest }: Section): Promise<LoadedProvider> {
    const reading = this.files.load(join(this.dir, descriptorsOf(provider)), digest);
    this.#reading.add(reading);
    try {
      return await reading;
    } finally {
      this.#reading.delete(reading);
    }
  }
}

function descriptorsOf(provider: string): string {
  return `providers/${provider}/descriptors.json`;
}

function readManifest(path: string, bytes: Buffer): Manifest {
  const manifest = parseCatalogueFile<Manifest | null>(path, bytes.toString('utf8'));
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

/** Provider → the digest of its descriptors. */
function descriptorDigests({ providers }: Manifest): ReadonlyMap<string, string> {
  return new Map(
    providers.flatMap(({ id, files }) =>
      files.filter(({ file }) => file === descriptorsOf(id)).map(({ sha256 }) => [id, sha256] as const),
    ),
  );
}
