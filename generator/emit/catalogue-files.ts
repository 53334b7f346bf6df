/** Writes `catalogue.json` and `manifest.json` from what each provider contributes to them. */

import {
  CATALOGUE_FORMAT,
  type Catalogue,
  type CatalogueEntry,
  type CatalogueProvider,
  type Manifest,
  type ManifestProvider,
} from '../contract.js';
import { byCodePoint } from './code-point-order.js';
import { isDescriptors } from './descriptors-file.js';
import { BETWEEN_ROWS, fileOf, listOfWritten, listRows } from './rows.js';
import { sha256 } from './sha256.js';

/** One provider's part of the catalogue and of the manifest. */
export interface CatalogueShare {
  readonly provider: CatalogueProvider;
  /** The catalogue's rows as they are written, one a line; `''` where there are none. */
  readonly rows: string;
  readonly manifest: ManifestProvider;
}

/** Rows as they stand in the catalogue. Text is what is kept and handed around: a share's objects are many times larger. */
export function catalogueRows(entries: readonly CatalogueEntry[]): string {
  return entries.map((entry) => JSON.stringify(entry)).join(BETWEEN_ROWS);
}

/** The two files' texts. Providers are sorted; the endpoints stand in the order of their providers. */
export function catalogueFiles(shares: readonly CatalogueShare[]): {
  readonly catalogue: string;
  readonly manifest: string;
} {
  const sorted = [...shares].sort((left, right) => byCodePoint(left.provider.id, right.provider.id));
  const catalogue = fileOf([
    ['format', String(CATALOGUE_FORMAT)],
    ['providers', listRows(sorted.map((share) => share.provider))],
    ['endpoints', listOfWritten(sorted.flatMap((share) => (share.rows === '' ? [] : [share.rows])))],
  ]);
  const digest = sha256(catalogue);
  const providers = sorted.map((share) => share.manifest);
  const manifest = fileOf([
    ['format', String(CATALOGUE_FORMAT)],
    ['catalogueDigest', JSON.stringify(catalogueDigest(digest, providers))],
    ['catalogue', JSON.stringify(digest)],
    ['providers', listRows(providers)],
  ]);
  return { catalogue, manifest };
}

/**
 * SHA-256 over lines, each ended by a newline: the digest of `catalogue.json`, then for each provider in order its
 * descriptors' file name and digest, separated by a space.
 */
function catalogueDigest(catalogue: string, providers: readonly ManifestProvider[]): string {
  const lines = providers.flatMap((provider) =>
    provider.files.filter(isDescriptors).map(({ file, sha256: digest }) => `${file} ${digest}\n`),
  );
  return sha256([`${catalogue}\n`, ...lines].join(''));
}

/** The shares of a catalogue, of whatever form its text is. */
export function sharesOf(catalogue: Catalogue, manifest: Manifest): readonly CatalogueShare[] {
  const entries = new Map<string, CatalogueEntry[]>();
  for (const entry of catalogue.endpoints) {
    const id = entry.id.slice(0, entry.id.indexOf('/'));
    const own = entries.get(id);
    if (own === undefined) entries.set(id, [entry]);
    else own.push(entry);
  }
  const manifests = new Map(manifest.providers.map((provider) => [provider.id, provider]));
  return catalogue.providers.flatMap((provider) => {
    const known = manifests.get(provider.id);
    return known === undefined
      ? []
      : [{ provider, rows: catalogueRows(entries.get(provider.id) ?? []), manifest: known }];
  });
}

/**
 * The shares of a catalogue whose bytes are those that the generator wrote, such as the manifest's digest shows: its text
 * is cut at the ends of its lines, since to parse and write a hundred thousand rows takes longer than to generate a
 * document.
 */
export function writtenShares(catalogue: string, manifest: Manifest): readonly CatalogueShare[] {
  const manifests = new Map(manifest.providers.map((provider) => [provider.id, provider]));
  const endpoints = catalogue.indexOf(ENDPOINTS);
  const { providers } = JSON.parse(`${catalogue.slice(0, endpoints)}}`) as Pick<Catalogue, 'providers'>;
  let start = catalogue.indexOf('\n', endpoints + ENDPOINTS.length) + 1;
  return providers.flatMap((provider) => {
    let end = start;
    for (let row = 0; row < provider.endpoints; row++) end = catalogue.indexOf('\n', end) + 1;
    const rows = catalogue.slice(start, end).replace(/,?\n$/, '');
    start = end;
    const known = manifests.get(provider.id);
    return known === undefined ? [] : [{ provider, rows, manifest: known }];
  });
}

/** What stands before the rows in the text of a catalogue, and before nothing else: in JSON no string spans lines. */
const ENDPOINTS = ',\n"endpoints":';
