/**
 * A large catalogue in the generator's own format, made of the committed one: its providers are copied under new ids
 * until there are enough endpoints, and in each copy some of the words that endpoints are found by are replaced. It is
 * the same at every run. It stands for size, not for meaning: search quality is measured on real documents.
 */

import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { catalogueFiles, catalogueRows, sharesOf, type CatalogueShare } from '../../generator/emit/catalogue-files.js';
import { sha256 } from '../../generator/emit/sha256.js';
import type { Catalogue, CatalogueEntry, CatalogueProvider, Manifest } from '../../generated/contract.js';
import { PACKAGE_ROOT } from '../../runtime/package-root.js';
import { temporaryDirectory } from './temporary-directory.js';

export interface GeneratedCatalogue {
  readonly dir: string;
  readonly endpoints: number;
  /** In words. */
  readonly told: string;
}

export const COMMITTED_CATALOGUE_DIR = join(PACKAGE_ROOT, 'generated');

/** Of ten words, how many a copy keeps. */
const KEPT_OF_TEN = 7;
/** Words that no committed document has; a real catalogue's vocabulary is far larger than that of two dozen APIs. */
const INVENTED_WORDS = 30_000;

/** Writes a catalogue of exactly so many endpoints. The first copies are the committed providers, unchanged. */
export async function syntheticCatalogue(endpoints: number): Promise<GeneratedCatalogue> {
  const committed = await readCatalogue(COMMITTED_CATALOGUE_DIR);
  const dir = temporaryDirectory();
  const random = generatorOf(1);
  const vocabulary = vocabularyOf(committed.endpoints, random);
  const shares: CatalogueShare[] = [];
  let left = endpoints;
  for (let copy = 0; left > 0; copy++) {
    for (const provider of committed.providers) {
      if (left === 0) break;
      const share = await writeCopy(dir, committed, provider, { copy, most: left, vocabulary, random });
      shares.push(share);
      left -= share.provider.endpoints;
    }
  }
  await writeIndex(dir, shares);
  return { dir, endpoints, told: `${endpoints.toLocaleString('en-US')} endpoints, synthetic` };
}

/** The first endpoints of the committed sandbox, as a catalogue of their own. */
export async function smallCatalogue(endpoints: number): Promise<GeneratedCatalogue> {
  const committed = await readCatalogue(COMMITTED_CATALOGUE_DIR);
  const sandbox = committed.providers.find(({ id }) => id === SANDBOX)!;
  const dir = temporaryDirectory();
  const share = await writeCopy(dir, committed, sandbox, { ...UNCHANGED, most: endpoints });
  await writeIndex(dir, [share]);
  return { dir, endpoints: share.provider.endpoints, told: `${share.provider.endpoints} endpoints` };
}

/** A catalogue that somebody has generated, with the committed sandbox beside it where it has none of its own. */
export async function givenCatalogue(given: string): Promise<GeneratedCatalogue> {
  const catalogue = await readCatalogue(given);
  const told = `${catalogue.endpoints.length.toLocaleString('en-US')} endpoints of ${given}`;
  if (catalogue.providers.some(({ id }) => id === SANDBOX)) {
    return { dir: given, endpoints: catalogue.endpoints.length, told };
  }
  const manifest = JSON.parse(await readFile(join(given, 'manifest.json'), 'utf8')) as Manifest;
  const dir = temporaryDirectory();
  await mkdir(join(dir, 'providers'));
  for (const { id } of catalogue.providers) {
    await symlink(join(given, 'providers', id), join(dir, 'providers', id), 'junction');
  }
  const committed = await readCatalogue(COMMITTED_CATALOGUE_DIR);
  const sandbox = committed.providers.find(({ id }) => id === SANDBOX)!;
  const share = await writeCopy(dir, committed, sandbox, { ...UNCHANGED, most: sandbox.endpoints });
  await writeIndex(dir, [...sharesOf(catalogue, manifest), share]);
  return { dir, endpoints: catalogue.endpoints.length + share.provider.endpoints, told };
}

export async function readCatalogue(dir: string): Promise<Catalogue> {
  const file = join(dir, 'catalogue.json');
  if ((await stat(file).catch(() => undefined)) === undefined)
    throw new Error(`${file} is not there: generate it first`);
  return JSON.parse(await readFile(file, 'utf8')) as Catalogue;
}

const SANDBOX = 'sandbox';

interface CopyOptions {
  /** 0 leaves everything as it is. */
  readonly copy: number;
  readonly most: number;
  readonly vocabulary: readonly string[];
  readonly random: () => number;
}

const UNCHANGED = { copy: 0, vocabulary: [], random: () => 0 };

async function writeCopy(
  dir: string,
  committed: Catalogue,
  provider: CatalogueProvider,
  { copy, most, vocabulary, random }: CopyOptions,
): Promise<CatalogueShare> {
  const id = copy === 0 ? provider.id : `${provider.id}-${copy}`;
  const own = committed.endpoints.filter((entry) => entry.id.startsWith(`${provider.id}/`)).slice(0, most);
  const entries = own.map((entry) =>
    renamed(copy === 0 ? entry : reworded(entry, vocabulary, random), provider.id, id),
  );

  const source = join(COMMITTED_CATALOGUE_DIR, 'providers', provider.id, 'descriptors.json');
  const text = (await readFile(source, 'utf8'))
    .replace(`"provider":{"id":"${provider.id}"`, `"provider":{"id":"${id}"`)
    .replaceAll(`"id":"${provider.id}/`, `"id":"${id}/`);
  const file = `providers/${id}/descriptors.json`;
  await mkdir(join(dir, 'providers', id), { recursive: true });
  await writeFile(join(dir, file), text);
  return {
    provider: { ...provider, id, endpoints: entries.length },
    rows: catalogueRows(entries),
    manifest: { id, endpoints: entries.length, sources: [], files: [{ file, sha256: sha256(text) }] },
  };
}

async function writeIndex(dir: string, shares: readonly CatalogueShare[]): Promise<void> {
  const { catalogue, manifest } = catalogueFiles(shares);
  await writeFile(join(dir, 'catalogue.json'), catalogue);
  await writeFile(join(dir, 'manifest.json'), manifest);
}

function renamed(entry: CatalogueEntry, from: string, to: string): CatalogueEntry {
  return { ...entry, id: `${to}/${entry.id.slice(from.length + 1)}` };
}

function reworded(entry: CatalogueEntry, vocabulary: readonly string[], random: () => number): CatalogueEntry {
  const word = (text: string): string => (random() * 10 < KEPT_OF_TEN ? text : pick(vocabulary, random));
  const words = (text: string): string => text.replace(/\p{L}{4,}/gu, word);
  return {
    ...entry,
    title: words(entry.title),
    summary: words(entry.summary),
    path: entry.path.replace(/[a-z]{4,}(?![^{]*})/g, word),
    tags: entry.tags.map(words),
    words: entry.words.map(word),
    text: words(entry.text),
  };
}

/** Words of the committed catalogue as often as they occur there, and as many places for invented ones. */
function vocabularyOf(entries: readonly CatalogueEntry[], random: () => number): readonly string[] {
  const real = entries.flatMap(({ title, summary, text }) => `${title} ${summary} ${text}`.match(/\p{L}{4,}/gu) ?? []);
  const invented = Array.from({ length: INVENTED_WORDS }, () => inventedWord(random));
  return [...real, ...invented];
}

function inventedWord(random: () => number): string {
  const syllables = 2 + Math.floor(random() * 3);
  return Array.from({ length: syllables }, () => pick('bdfgklmnprstvz', random) + pick('aeiou', random)).join('');
}

function pick(from: string | readonly string[], random: () => number): string {
  return from[Math.floor(random() * from.length)]!;
}

/** Numbers from 0 up to 1, the same at every run: xorshift32 (Marsaglia, 2003). */
function generatorOf(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
