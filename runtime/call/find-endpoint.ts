/** Looks an endpoint up by its id; where there is none, the error names the nearest ones. */

import { distance } from 'fastest-levenshtein';

import type { Catalogue, LoadedEndpoint } from '../catalogue/catalogue.js';
import { GatewayError } from '../gateway-error.js';

/** @throws GatewayError ENDPOINT_NOT_FOUND */
export async function findEndpoint(catalogue: Catalogue, id: string): Promise<LoadedEndpoint> {
  const endpoint = await catalogue.endpoint(id);
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

/** At most three ids: of the same provider if it exists, else by the whole id. */
function nearest(catalogue: Catalogue, id: string): readonly string[] {
  const wanted = id.toLowerCase().slice(0, 160);
  const provider = wanted.slice(0, Math.max(0, wanted.indexOf('/')));
  const known = catalogue.providers.has(provider);
  return catalogue.entries
    .filter((entry) => !known || entry.id.startsWith(`${provider}/`))
    .slice(0, 20_000)
    .map((entry) => ({ id: entry.id, far: distance(wanted, entry.id) }))
    .filter(({ id: other, far }) => far <= Math.max(3, other.length / 3))
    .sort((a, b) => a.far - b.far || (a.id < b.id ? -1 : 1))
    .slice(0, 3)
    .map((item) => item.id);
}
