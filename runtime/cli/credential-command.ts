/** `tollgate credential`: what the gateway shows to upstreams, in the encrypted store. A secret is read from standard input. */

import { join } from 'node:path';

import { Command } from 'commander';

import type { CatalogueProvider, SecurityScheme } from '../../generated/contract.js';
import { systemClock } from '../clock.js';
import { readConfig } from '../config.js';
import { configuredStore } from '../credential/configured-store.js';
import type { CredentialStore } from '../credential/credential-store.js';
import { isOwnVariable, ownersOf } from '../credential/is-own-variable.js';
import { keysOfText } from '../credential/keys-of-text.js';
import { Secret } from '../credential/secret.js';
import { wrongValue } from '../credential/wrong-value.js';
import { nearestName } from '../nearest-name.js';
import { credentialVariable } from '../provider-variable.js';
import { RefusedCommand } from '../refused-command.js';
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
    .description(
      'store the credential of a scheme, read from standard input; one key a line, or one PEM behind the other, where there are several',
    )
    .argument('<provider>', 'the id of a provider')
    .argument('<scheme>', 'the name of a security scheme, as the document has it')
    .option('--json', 'print JSON')
    .action(set);

  credential
    .command('list')
    .description('list what is stored, without the secrets')
    .option('--json', 'print JSON')
    .action(list);

  credential
    .command('remove')
    .description('forget a stored credential')
    .argument('<provider>', 'the id of a provider')
    .argument('<scheme>', 'the name of a security scheme')
    .option('--json', 'print JSON')
    .action(remove);

  credential
    .command('rotate-key')
    .description('encrypt the store with another key')
    .option('--json', 'print JSON')
    .action(rotateKey);

  return credential;
}

async function set(provider: string, name: string, flags: Json): Promise<void> {
  const { variable, scheme } = await schemeOf(provider, name);
  // What follows the first line of a PEM that is pasted would be the shell's to run, and its history's to keep.
  if (scheme.type === 'mutualTLS' && process.stdin.isTTY) {
    throw new RefusedCommand(
      `a client certificate has many lines: write its file, with the private key in it, to standard input ("tollgate credential set ${provider} ${name} < FILE.pem")`,
    );
  }
  const given = await readSecret(process.stdin, process.stderr, `credential of ${provider} for ${name}: `);
  const keys = keysOfText(given).map((key) => new Secret(key));
  if (keys.length === 0)
    throw new RefusedCommand('standard input is empty: write the credential to it, one key a line');
  const wrong = wrongValue(scheme, variable, keys);
  if (wrong !== undefined) throw new RefusedCommand(`nothing was changed: ${wrong.line}`);
  store().change((credentials) => void credentials.set(variable, keys));
  print(flags.json, { variable, keys: keys.length }, [
    `${variable} is stored${keys.length === 1 ? '' : `: ${keys.length} keys`}`,
  ]);
  if (readConfig().credential(variable) !== undefined) {
    console.error(`tollgate: ${variable} is set in the environment too, and wins there`);
  }
}

function list(flags: Json): void {
  const rows = [...store().read()].map(([variable, keys]) => ({ variable, keys: keys.length }));
  print(
    flags.json,
    rows,
    table(
      ['stored', 'keys'],
      rows.map(({ variable, keys }) => [variable, String(keys)]),
    ),
  );
}

function remove(provider: string, scheme: string, flags: Json): void {
  const variable = credentialVariable(provider, scheme);
  store().change((credentials) => {
    if (credentials.delete(variable)) return;
    throw new RefusedCommand(`${variable} is not stored; "tollgate credential list" shows what is`);
  });
  print(flags.json, { variable, removed: true }, [`${variable} is removed`]);
}

function rotateKey(flags: Json): void {
  const { vaultKey, vaultKeyFile } = readConfig();
  store().rotateKey();
  const done =
    vaultKey === undefined
      ? `the store is encrypted with a new key, in ${vaultKeyFile}`
      : 'the store is encrypted with TOLLGATE_VAULT_KEY_NEXT: make it TOLLGATE_VAULT_KEY from now on';
  print(flags.json, { rotated: true }, [done]);
}

function store(): CredentialStore {
  return configuredStore(readConfig(), systemClock);
}

/** @throws RefusedCommand where the catalogue has no such provider or scheme, or the variable is another provider's */
async function schemeOf(
  providerId: string,
  name: string,
): Promise<{ readonly variable: string; readonly scheme: SecurityScheme }> {
  const providers = await knownProviders([providerId]);
  const { securitySchemes = {} } = (providers.get(providerId) as CatalogueProvider).access ?? {};
  const schemes = Object.keys(securitySchemes);
  if (!schemes.includes(name)) {
    const meant = nearestName(name, schemes);
    const known = schemes.length === 0 ? 'it needs none' : `it has ${schemes.join(', ')}`;
    throw new RefusedCommand(
      `${providerId} has no security scheme "${name}": ${meant === undefined ? known : `did you mean "${meant}"?`}`,
    );
  }
  const variable = credentialVariable(providerId, name);
  if (isOwnVariable(providerId, name, ownersOf(providers))) {
    return { variable, scheme: securitySchemes[name]! };
  }
  throw new RefusedCommand(
    `${variable} is another provider's: name a variable for "${name}" in ${join('specs', providerId, 'provider.yaml')}`,
  );
}
