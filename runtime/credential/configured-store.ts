import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import { CredentialStore } from './credential-store.js';

/** The store of credentials that the settings name. Nothing is read yet. */
export function configuredStore(
  {
    dataDir,
    vaultKey: key,
    nextVaultKey: nextKey,
    vaultKeyFile: keyFile,
  }: Pick<Config, 'dataDir' | 'vaultKey' | 'nextVaultKey' | 'vaultKeyFile'>,
  clock: Clock,
): CredentialStore {
  return new CredentialStore({ dataDir, clock, key, nextKey, keyFile });
}
