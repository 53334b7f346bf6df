import type { CatalogueProvider } from '../../generated/contract.js';
import { readConfig } from '../config.js';
import { nearestName } from '../nearest-name.js';
import { RefusedCommand } from '../refused-command.js';

/**
 * The providers of the catalogue, by id.
 * @param wanted ids that all have to be among them.
 * @throws RefusedCommand that names the first that is not, and the one that was most likely meant; CatalogueError
 */
export async function knownProviders(wanted: readonly string[]): Promise<ReadonlyMap<string, CatalogueProvider>> {
  const { Catalogue } = await import('../catalogue/catalogue.js');
  const { catalogueDir } = readConfig();
  const { providers } = await Catalogue.open(catalogueDir);
  const unknown = wanted.find((id) => !providers.has(id));
  if (unknown === undefined) return providers;
  const meant = nearestName(unknown, providers.keys());
  throw new RefusedCommand(
    `there is no provider "${unknown}" in the catalogue ${catalogueDir}` +
      (meant === undefined ? '' : `; did you mean "${meant}"?`),
  );
}
