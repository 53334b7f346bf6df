/** `tollgate credential`: what the gateway shows to upstreams, in the encrypted store. A secret is read from standard input. */

import { join } from 'node:path';

import { Command } from 'commander';

import type { CatalogueProvider } from '../../generated/contract.js';
import { systemClock } from '../clock.js';
import { readConfig } from '../config.js';
import { isOwnVariable } from '../credential/credential-plan.js';
import { CredentialStore } from '../credential/credential-store.js';
import { credentialVariable, variablePart } from '../credential/credential-variable.js';
import { Secret } from '../credential/secret.js';
import { nearestName } from '../nearest-name.js';
import { knownProviders } from './known-providers.js';
import { print, table } from './output.js';
import { readSecret } from './read-secret.js';

interface Json {
  readonly json?: boolean;
}

export function credentialCommand(): Command {
  const credential = new Command('credential').description(
    "credentials of providers, encrypted in the data directory: gateways that run take changes within a second; the environment's win",
  );

  credential
    .command('set')
    .description('store the credential of a scheme, read from standard input; one key a line where there are several')
    .argument('<provider>', 'the id of a provider')
    .argument('<scheme>', 'the name of a security scheme, as the document has it')
    .option('--json', 'print JSON')
    .action(async (provider: string, scheme: string, flags: Json) => {
      const variable = await variableOf(provider, scheme);
      const given = await readSecret(process.stdin, process.stderr, `credential of ${provider} for ${scheme}: `);
      const keys = given
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      if (keys.length === 0)
        throw new RangeError('standard input is empty: write the credential to it, one key a line');
      store().change(
        (credentials) =>
          void credentials.set(
            variable,
            keys.map((key) => new Secret(key)),
          ),
      );
      print(flags.json, { variable, keys: keys.length }, [
        `${variable} is stored${keys.length === 1 ? '' : `: ${keys.length} keys`}`,
      ]);
      if (readConfig().credential(variable) !== undefined) {
        console.error(`tollgate: ${variable} is set in the environment too, and wins there`);
      }
    });

  credential
    .command('list')
    .description('list what is stored, without the secrets')
    .option('--json', 'print JSON')
    .action((flags: Json) => {
      const rows = [...store().read()].map(([variable, keys]) => ({ variable, keys: keys.length }));
      print(
        flags.json,
        rows,
        table(
          ['stored', 'keys'],
          rows.map(({ variable, keys }) => [variable, String(keys)]),
        ),
      );
    });

  credential
    .command('remove')
    .description('forget a stored credential')
    .argument('<provider>', 'the id of a provider')
    .argument('<scheme>', 'the name of a security scheme')
    .option('--json', 'print JSON')
    .action((provider: string, scheme: string, flags: Json) => {
      const variable = credentialVariable(provider, scheme);
      store().change((credentials) => {
        if (credentials.delete(variable)) return;
        throw new RangeError(`${variable} is not stored; "tollgate credential list" shows what is`);
      });
      print(flags.json, { variable, removed: true }, [`${variable} is removed`]);
    });

  credential
    .command('rotate-key')
    .description('encrypt the store with another key')
    .option('--json', 'print JSON')
    .action((flags: Json) => {
      const { vaultKey, vaultKeyFile } = readConfig();
      store().rotateKey();
      const done =
        vaultKey === undefined
          ? `the store is encrypted with a new key, in ${vaultKeyFile}`
          : 'the store is encrypted with TOLLGATE_VAULT_KEY_NEXT: make it TOLLGATE_VAULT_KEY from now on';
      print(flags.json, { rotated: true }, [done]);
    });

  return credential;
}

function store(): CredentialStore {
  const { dataDir, vaultKey: key, nextVaultKey: nextKey, vaultKeyFile: keyFile } = readConfig();
  return new CredentialStore({ dataDir, clock: systemClock, key, nextKey, keyFile });
}

/** @throws RangeError where the catalogue has no such provider or scheme, or the variable is another provider's */
async function variableOf(providerId: string, scheme: string): Promise<string> {
  const providers = await knownProviders([providerId]);
  const schemes = Object.keys((providers.get(providerId) as CatalogueProvider).access?.securitySchemes ?? {});
  if (!schemes.includes(scheme)) {
    const meant = nearestName(scheme, schemes);
    const known = schemes.length === 0 ? 'it needs none' : `it has ${schemes.join(', ')}`;
    throw new RangeError(
      `${providerId} has no security scheme "${scheme}": ${meant === undefined ? known : `did you mean "${meant}"?`}`,
    );
  }
  const variable = credentialVariable(providerId, scheme);
  if (isOwnVariable(providerId, scheme, new Set([...providers.keys()].map(variablePart)))) return variable;
  throw new RangeError(
    `${variable} is another provider's: name a variable for "${scheme}" in ${join('specs', providerId, 'provider.yaml')}`,
  );
}
