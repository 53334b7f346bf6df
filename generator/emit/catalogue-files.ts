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
import { fileOf, listOfWritten, listRows } from './rows.js';
import { sha256 } from './sha256.js';

/** One provider's part of the catalogue and of the manifest. */
export interface CatalogueShare {
  readonly provider: CatalogueProvider;
  /** The catalogue's rows as JSON, already in order: text is what is kept and handed around, being much smaller. */
  readonly rows: readonly string[];
  readonly manifest: ManifestProvider;
}

export function catalogueRow(entry: CatalogueEntry): string {
  return JSON.stringify(entry);
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
    ['endpoints', listOfWritten(sorted.flatMap((share) => share.rows))],
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
export function catalogueDigest(catalogue: string, providers: readonly ManifestProvider[]): string {
  const lines = providers.flatMap((provider) =>
    provider.files
      .filter(({ file }) => file.endsWith('/descriptors.json'))
      .map(({ file, sha256: digest }) => `${file} ${digest}\n`),
  );
  return sha256([`${catalogue}\n`, ...lines].join(''));
}

/** The shares of an earlier generation: what `--only` keeps of the providers that it does not regenerate. */
export function sharesOf(catalogue: Catalogue, manifest: Manifest): readonly CatalogueShare[] {
  const rows = new Map<string, string[]>();
  for (const entry of catalogue.endpoints) {
    const id = entry.id.slice(0, entry.id.indexOf('/'));
    const own = rows.get(id);
    if (own === undefined) rows.set(id, [catalogueRow(entry)]);
    else own.push(catalogueRow(entry));
  }
  const manifests = new Map(manifest.providers.map((provider) => [provider.id, provider]));
  return catalogue.providers.flatMap((provider) => {
    const known = manifests.get(provider.id);
    return known === undefined ? [] : [{ provider, rows: rows.get(provider.id) ?? [], manifest: known }];
  });
}
