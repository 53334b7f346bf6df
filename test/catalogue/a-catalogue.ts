/** A small catalogue on disk, with digests that are right, and a way to spoil it. */

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type {
  Catalogue,
  EndpointDescriptor,
  JsonSchema,
  Manifest,
  ProviderDescriptor,
  ProviderFile,
} from '../../generated/contract.js';
import type { LoadedEndpoint } from '../../runtime/catalogue/catalogue.js';

export const ANY_PROVIDER: ProviderDescriptor = {
  id: 'one',
  title: 'One',
  summary: 'A provider.',
  version: '1',
  categories: ['testing'],
  seller: { id: 'one', name: 'One' },
  securitySchemes: {},
  credentials: {},
  limits: { timeoutMs: 1_000, maxResponseBytes: 1_000_000, concurrency: 4 },
};

export const ANY_ENDPOINT: EndpointDescriptor = {
  id: 'one/get',
  method: 'GET',
  path: '/get',
  title: 'Get',
  summary: 'Gets.',
  description: 'Gets it.',
  tags: [],
  server: 'https://one.example',
  arguments: { type: 'object', properties: {}, additionalProperties: false },
  parameters: [],
  responses: [],
  security: [],
  price: { model: 'free' },
  charge: { on: ['2xx'] },
  example: {},
};

/** An endpoint with this schema of its arguments. */
export function endpointWith(args: JsonSchema, definitions: Readonly<Record<string, JsonSchema>> = {}): LoadedEndpoint {
  return { descriptor: { ...ANY_ENDPOINT, arguments: args }, provider: ANY_PROVIDER, definitions };
}

export interface CatalogueOnDisk {
  readonly dir: string;
  readonly manifest: Manifest;
  /** Replaces a file's content, below the catalogue's folder. */
  readonly write: (file: string, content: string) => void;
  readonly remove: () => void;
}

/** A catalogue of providers with one endpoint each, `<provider>/get`. */
export function writeCatalogue(providers: readonly string[]): CatalogueOnDisk {
  const dir = mkdtempSync(join(tmpdir(), 'tollgate-catalogue-'));
  const write = (file: string, content: string) => {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), content);
  };
  const listed = providers.map((id) => {
    const provider: ProviderFile = {
      format: 1,
      provider: { ...ANY_PROVIDER, id },
      definitions: {},
      endpoints: [{ ...ANY_ENDPOINT, id: `${id}/get` }],
    };
    const text = JSON.stringify(provider);
    const file = `providers/${id}/descriptors.json`;
    write(file, text);
    return { id, endpoints: 1, sources: [], files: [{ file, sha256: sha256(text) }] };
  });
  const catalogue: Catalogue = {
    format: 1,
    providers: providers.map((id) => ({ ...ANY_PROVIDER, id, endpoints: 1 })),
    endpoints: providers.map((id) => ({
      id: `${id}/get`,
      title: 'Get',
      summary: 'Gets.',
      method: 'GET',
      path: '/get',
      price: { model: 'free' },
      tags: [],
      words: [],
      text: '',
    })),
  };
  const text = `{\n"format":1,\n"providers":${rows(catalogue.providers)},\n"endpoints":${rows(catalogue.endpoints)}\n}\n`;
  write('catalogue.json', text);
  const manifest: Manifest = { format: 1, ...digestsOf(text, listed), providers: listed };
  write('manifest.json', JSON.stringify(manifest));
  return { dir, manifest, write, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Replaces `catalogue.json` by another text, with digests that are right. */
export function forgeCatalogue({ dir, manifest, write }: CatalogueOnDisk, change: (text: string) => string): void {
  const text = change(readFileSync(join(dir, 'catalogue.json'), 'utf8'));
  write('catalogue.json', text);
  write('manifest.json', JSON.stringify({ ...manifest, ...digestsOf(text, manifest.providers) }));
}

function digestsOf(text: string, providers: Manifest['providers']): Pick<Manifest, 'catalogue' | 'catalogueDigest'> {
  const lines = providers.flatMap(({ files }) => files.map(({ file, sha256: digest }) => `${file} ${digest}\n`));
  return { catalogue: sha256(text), catalogueDigest: sha256(`${sha256(text)}\n${lines.join('')}`) };
}

/** A list as the generator writes it: a row a line. */
function rows(list: readonly unknown[]): string {
  return list.length === 0 ? '[]' : `[\n${list.map((row) => JSON.stringify(row)).join(',\n')}\n]`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
