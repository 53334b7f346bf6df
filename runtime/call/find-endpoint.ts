/** Looks an endpoint up by its id; where there is none, the error names the nearest ones. */

import { distance } from 'fastest-levenshtein';

import { CatalogueError } from '../catalogue/catalogue-error.js';
import type { Catalogue, LoadedEndpoint } from '../catalogue/catalogue.js';
import { GatewayError } from '../gateway-error.js';

const MOST_COMPARED = 20_000;

/** @throws GatewayError ENDPOINT_NOT_FOUND; ENDPOINT_UNAVAILABLE where the catalogue's file of its provider is broken */
export async function findEndpoint(catalogue: Catalogue, id: string): Promise<LoadedEndpoint> {
  const endpoint = await read(catalogue, id);
  if (endpoint !== undefined) return endpoint;
  const near = nearest(catalogue, id);
  throw new GatewayError(
    'ENDPOINT_NOT_FOUND',
    `there is no endpoint "${id.slice(0, 160)}"`,
    near.length === 0
      ? 'find one with browse_apis; ids look like "open-meteo/get-forecast"'
      : `did you mean ${near.map((item) => `"${item}"`).join(' or ')}? browse_apis lists all`,
  );
}

/** Where the file lies and what is wrong with it is for the operator's log alone. */
async function read(catalogue: Catalogue, id: string): Promise<LoadedEndpoint | undefined> {
  try {
    return await catalogue.endpoint(id);
  } catch (error) {
    if (!(error instanceof CatalogueError)) throw error;
    throw new GatewayError(
      'ENDPOINT_UNAVAILABLE',
      `the catalogue's file of the provider of "${id.slice(0, 160)}" cannot be read`,
      'try again later; the operator finds the fault in the log, and mends it with `npm run generate`',
      { retryable: true, cause: error },
    );
  }
}

/** At most three ids: of the same provider if it exists, else by the whole id. */
function nearest({ entries, sections }: Catalogue, id: string): readonly string[] {
  const wanted = id.toLowerCase().slice(0, 160);
  const provider = wanted.slice(0, Math.max(0, wanted.indexOf('/')));
  const { start, end } = sections.get(provider) ?? { start: 0, end: entries.length };
  const ids = Array.from({ length: Math.min(end - start, MOST_COMPARED) }, (_, row) => entries.idAt(start + row));
  return ids
    .map((other) => ({ id: other, far: distance(wanted, other) }))
    .filter(({ id: other, far }) => far <= Math.max(3, other.length / 3))
    .sort((a, b) => a.far - b.far || (a.id < b.id ? -1 : 1))
    .slice(0, 3)
    .map((item) => item.id);
}
