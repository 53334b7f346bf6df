/**
 * Reads `catalogue.json` without holding anybody up: its list of endpoints may be of a hundred thousand rows, which as
 * one JSON text would take seconds to parse. The generator writes a row a line, in the order of the providers, and says
 * of each provider how many there are; so they are read a few at a time, and those of a provider that did not change are
 * not read at all.
 */

import { setImmediate as turn } from 'node:timers/promises';

import type { Catalogue as CatalogueFile, CatalogueEntry, CatalogueProvider } from '../../generated/contract.js';
import { CatalogueError } from './catalogue-error.js';
import { parseCatalogueFile } from './read-file.js';

/** Rows that are parsed at once: a few milliseconds' work. */
const ROWS_AT_ONCE = 1_000;
const NEWLINE = 10;
const ENDPOINTS = Buffer.from('\n"endpoints":[');

export interface CatalogueRows {
  readonly providers: readonly CatalogueProvider[];
  readonly entries: readonly CatalogueEntry[];
}

/**
 * @param known the rows of a provider, where they are known already.
 * @throws CatalogueError where the file is not laid out as the generator does it.
 */
export async function readCatalogueRows(
  path: string,
  bytes: Buffer,
  known: (provider: CatalogueProvider) => readonly CatalogueEntry[] | undefined,
): Promise<CatalogueRows> {
  const start = bytes.indexOf(ENDPOINTS);
  if (start < 0) throw new CatalogueError(path, 'is not laid out a row a line');
  const head = `${bytes.toString('utf8', 0, start)}"endpoints":[]}`;
  const { providers } = parseCatalogueFile<CatalogueFile>(path, head);

  const entries: CatalogueEntry[] = [];
  let at = start + ENDPOINTS.length + 1;
  let sinceTurn = 0;
  for (const provider of providers) {
    const rowsKnown = known(provider);
    const own = rowsKnown?.length === provider.endpoints ? rowsKnown : undefined;
    for (let left = provider.endpoints; left > 0;) {
      const rows = Math.min(left, ROWS_AT_ONCE);
      const end = endOfRows(path, bytes, at, rows);
      if (own === undefined) {
        const list = `[${bytes.toString('utf8', at, end).replace(/,$/, '')}]`;
        for (const entry of parseCatalogueFile<readonly CatalogueEntry[]>(path, list)) entries.push(entry);
      }
      at = end + 1;
      left -= rows;
      sinceTurn += rows;
      if (sinceTurn >= ROWS_AT_ONCE) {
        sinceTurn = 0;
        await turn();
      }
    }
    for (const entry of own ?? []) entries.push(entry);
  }
  return { providers, entries };
}

/** Where the line ends that is the last of so many. */
function endOfRows(path: string, bytes: Buffer, start: number, rows: number): number {
  let end = start - 1;
  for (let row = 0; row < rows; row++) {
    end = bytes.indexOf(NEWLINE, end + 1);
    if (end < 0) throw new CatalogueError(path, 'holds fewer endpoints than it says');
  }
  return end;
}
