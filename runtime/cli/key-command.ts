/** `tollgate key`: API keys and their budgets. */

import { Command } from 'commander';

import { systemClock } from '../clock.js';
import type { AccountId } from '../ledger/ledger.js';
import { formatUsdc, type MicroUsdc } from '../ledger/micro-usdc.js';
import type { Books } from '../books.js';
import { RefusedCommand } from '../refused-command.js';
import { knownProviders } from './known-providers.js';
import { duration, name, providerIds, usdc } from './options.js';
import { print, table } from './output.js';
import { withBooks } from './with-books.js';

interface CreateFlags {
  readonly account?: AccountId;
  readonly name: string;
  readonly dailyLimit?: MicroUsdc;
  readonly maxPrice?: MicroUsdc;
  readonly providers?: readonly string[];
  readonly expires?: number;
  readonly json?: boolean;
}

export function keyCommand(): Command {
  const key = new Command('key').description('API keys: create, list, revoke');

  key
    .command('create')
    .description('make an API key, which is shown once')
    .option('--account <id>', 'whose key it is (default: the only account)')
    .option('--name <name>', 'what you call the key', name, 'unnamed')
    .option('--daily-limit <usdc>', 'what it may spend in a day (UTC)', usdc)
    .option('--max-price <usdc>', 'what one call may cost', usdc)
    .option('--providers <ids>', 'the only providers it may call, such as github,nasa', providerIds)
    .option('--expires <time>', 'when it ends, such as 30d, 12h or 45m', duration)
    .option('--json', 'print JSON')
    .action(create);

  key
    .command('list')
    .description('list the keys; of each only its beginning is known')
    .option('--account <id>', 'only the keys of this account')
    .option('--json', 'print JSON')
    .action(list);

  key
    .command('revoke')
    .description('refuse a key from now on (other gateway processes notice within seconds)')
    .argument('<key>', 'its id, or its beginning, from `tollgate key list`')
    .option('--json', 'print JSON')
    .action(revoke);

  return key;
}

async function create(flags: CreateFlags): Promise<void> {
  // A key for a provider that does not exist could call nothing, and nobody would know why.
  if (flags.providers !== undefined) await knownProviders(flags.providers);
  await withBooks(async (books) => {
    const accountId = flags.account ?? (await onlyAccount(books));
    const { keyId, apiKey } = await books.keys.create({
      accountId,
      name: flags.name,
      dailyLimitMicroUsdc: flags.dailyLimit,
      maxPriceMicroUsdc: flags.maxPrice,
      providers: flags.providers,
      expiresAtMs: flags.expires === undefined ? undefined : systemClock.nowMs() + flags.expires,
    });
    print(flags.json, { accountId, keyId, apiKey: apiKey.reveal() }, [
      `key      ${keyId} of ${accountId}`,
      `API key  ${apiKey.reveal()}`,
      'The key is not shown again.',
    ]);
  });
}

async function list(flags: { account?: AccountId; json?: boolean }): Promise<void> {
  const keys = await withBooks((books) => books.keys.list(flags.account));
  const rows = keys.map((item) => ({
    keyId: item.keyId,
    accountId: item.accountId,
    name: item.name,
    prefix: item.prefix,
    dailyLimit: item.dailyLimitMicroUsdc === undefined ? null : formatUsdc(item.dailyLimitMicroUsdc),
    maxPrice: item.maxPriceMicroUsdc === undefined ? null : formatUsdc(item.maxPriceMicroUsdc),
    providers: item.providers ?? null,
    expires: item.expiresAtMs === undefined ? null : new Date(item.expiresAtMs).toISOString(),
    revoked: item.revokedAtMs === undefined ? null : new Date(item.revokedAtMs).toISOString(),
  }));
  const headings = ['key', 'account', 'name', 'begins', 'a day', 'a call', 'providers', 'expires', 'revoked'];
  print(
    flags.json,
    rows,
    table(
      headings,
      rows.map((row) => Object.values(row).map((value) => String(value ?? ''))),
    ),
  );
}

async function revoke(key: string, flags: { json?: boolean }): Promise<void> {
  const { keyId } = await withBooks((books) => books.keys.revoke(key));
  print(flags.json, { keyId, revoked: true }, [`${keyId} is revoked`]);
}

async function onlyAccount({ accounts }: Books): Promise<AccountId> {
  const all = await accounts.list();
  if (all.length === 1) return all[0]!.accountId;
  throw new RefusedCommand(
    all.length === 0
      ? 'there is no account yet; make one with `tollgate account create --name <name>`'
      : `there are ${all.length} accounts; say whose key it is with --account, from \`tollgate account list\``,
  );
}
