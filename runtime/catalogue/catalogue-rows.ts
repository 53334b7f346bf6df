/**
 * Finds the rows of `catalogue.json` without reading them. The generator writes a row a line, in the order of the
 * providers, and says of each provider how many there are: that it is so is checked here, and each row is parsed when it
 * is used. Of a hundred thousand rows the ends of the lines alone take tens of milliseconds, and others have their turns
 * meanwhile.
 */

import { setImmediate as turn } from 'node:timers/promises';

import type { CatalogueProvider } from '../../generated/contract.js';
import { BEFORE_ID, CatalogueEntries } from './catalogue-entries.js';
import { CatalogueError } from './catalogue-error.js';
import { parseCatalogueFile } from './read-file.js';

/** Rows that are found at once: a few milliseconds' work. */
const ROWS_AT_ONCE = 10_000;
const [NEWLINE, COMMA, BRACE, BRACKET] = Buffer.from('\n,}]') as unknown as [number, number, number, number];
const ENDPOINTS = Buffer.from('\n"endpoints":[');

export interface CatalogueRows {
  readonly providers: readonly CatalogueProvider[];
  readonly entries: CatalogueEntries;
}

/** @throws CatalogueError where the file is not laid out as the generator does it. */
export async function readCatalogueRows(path: string, bytes: Buffer): Promise<CatalogueRows> {
  const list = bytes.indexOf(ENDPOINTS);
  if (list < 0) throw new CatalogueError(path, 'is not laid out a row a line');
  const providers = readProviders(path, `${bytes.toString('utf8', 0, list)}"endpoints":[]}`);
  const count = providers.reduce((sum, { endpoints }) => sum + endpoints, 0);
  // No row is shorter than a byte: what says more need not be believed.
  if (count > bytes.length) throw new CatalogueError(path, 'holds fewer endpoints than it says');

  const [starts, ends] = [new Uint32Array(count), new Uint32Array(count)];
  let row = 0;
  let at = list + ENDPOINTS.length + 1;
  for (const { id, endpoints } of providers) {
    const beginning = Buffer.from(`${BEFORE_ID}${id}/`);
    for (const last = row + endpoints; row < last; row++) {
      const newline = bytes.indexOf(NEWLINE, at);
      if (newline < 0 || bytes[at] === BRACKET) throw new CatalogueError(path, 'holds fewer endpoints than it says');
      const end = bytes[newline - 1] === COMMA ? newline - 1 : newline;
      if (bytes[end - 1] !== BRACE || !standsAt(bytes, at, beginning)) {
        throw new CatalogueError(path, `holds no endpoint of ${id} in its row ${row + 1}`);
      }
      starts[row] = at;
      ends[row] = end;
      at = newline + 1;
      if (row % ROWS_AT_ONCE === 0) await turn();
    }
  }
  if (count > 0 && bytes[at] !== BRACKET) throw new CatalogueError(path, 'holds more endpoints than it says');
  return { providers, entries: new CatalogueEntries(path, bytes, starts, ends) };
}

function readProviders(path: string, head: string): readonly CatalogueProvider[] {
  const { providers } = parseCatalogueFile<{ readonly providers?: unknown }>(path, head);
  if (!Array.isArray(providers) || !providers.every(isProvider)) {
    throw new CatalogueError(path, 'does not say which providers it holds');
  }
  return providers;
}

function isProvider(value: unknown): value is CatalogueProvider {
  const { id, endpoints } = (value ?? {}) as Partial<CatalogueProvider>;
  return typeof id === 'string' && Number.isSafeInteger(endpoints) && endpoints! >= 0;
}

/** Buffer's own comparison takes longer than a loop for so few bytes. */
function standsAt(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let i = 0; i < wanted.length; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}
