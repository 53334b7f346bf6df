/** `tollgate account`: buyers, and what the operator credits them. */

import { Command } from 'commander';

import { systemClock } from '../clock.js';
import { creditByOperator } from '../deposit/operator-credit.js';
import type { AccountId } from '../ledger/ledger.js';
import { formatUsdc, type MicroUsdc } from '../ledger/micro-usdc.js';
import { name, usdc } from './options.js';
import { print, table } from './output.js';
import { withBooks, type WithBooksOptions } from './with-books.js';

/** An account may be made before the first start of a gateway, and then it is the first that is written. */
const NEW_BOOKS: WithBooksOptions = {
  onNew: (path) =>
    console.error(
      path === undefined
        ? 'tollgate: there were no books in the database: new ones are made'
        : `tollgate: there was no database: a new one is made, ${path}`,
    ),
};

export function accountCommand(): Command {
  const account = new Command('account').description('buyers: create, list, credit, freeze');

  account
    .command('create')
    .description('create an account with its first API key, which is shown once')
    .requiredOption('--name <name>', 'what you call the account', name)
    .option('--credit <usdc>', 'credit it from the start', usdc)
    .option('--json', 'print JSON')
    .action(create);

  account
    .command('list')
    .description('list the accounts with their balances')
    .option('--json', 'print JSON')
    .action(list);

  account
    .command('credit')
    .description('credit USDC to an account, for a payment that you received')
    .argument('<account>', "the account's id")
    .argument('<usdc>', 'how much, such as 25 or 0.5', usdc)
    .option('--reference <text>', 'names the payment: the same reference is credited once, however often you say it')
    .option('--json', 'print JSON')
    .action(credit);

  account
    .command('freeze')
    .description(
      "stop an account's calls, in running gateways within seconds; its balance stays; --undo lets it call again",
    )
    .argument('<account>', "the account's id")
    .option('--undo', 'let it call again')
    .option('--json', 'print JSON')
    .action(freeze);

  return account;
}

async function create(flags: { name: string; credit?: MicroUsdc; json?: boolean }): Promise<void> {
  await withBooks(async ({ accounts, keys, ledger }) => {
    const accountId = await accounts.create(flags.name);
    const { apiKey } = await keys.create({ accountId, name: 'first' });
    let balance: string | undefined;
    try {
      if (flags.credit !== undefined) {
        await creditByOperator(ledger, systemClock, { accountId, amountMicroUsdc: flags.credit });
      }
      balance = formatUsdc((await ledger.balance(accountId)).availableMicroUsdc);
    } finally {
      // Even if the credit fails: the account exists, and its key is shown now or never.
      print(flags.json, { accountId, apiKey: apiKey.reveal(), balance }, [
        `account  ${accountId} (${flags.name})`,
        `balance  ${balance === undefined ? 'not known' : `${balance} USDC`}`,
        `API key  ${apiKey.reveal()}`,
        'The key is not shown again; make another with `tollgate key create`.',
      ]);
    }
  }, NEW_BOOKS);
}

async function list(flags: { json?: boolean }): Promise<void> {
  const accounts = await withBooks((books) => books.accounts.list());
  const rows = accounts.map((item) => ({
    accountId: item.accountId,
    name: item.name,
    status: item.frozen ? 'frozen' : 'active',
    available: formatUsdc(item.availableMicroUsdc),
    held: formatUsdc(item.heldMicroUsdc),
    createdAt: new Date(item.createdAtMs).toISOString(),
  }));
  const headings = ['account', 'name', 'status', 'available', 'held', 'created'];
  print(
    flags.json,
    rows,
    table(
      headings,
      rows.map((row) => Object.values(row)),
    ),
  );
}

async function credit(
  accountId: AccountId,
  amountMicroUsdc: MicroUsdc,
  flags: { reference?: string; json?: boolean },
): Promise<void> {
  await withBooks(async ({ ledger }) => {
    const payment = { accountId, amountMicroUsdc, reference: flags.reference };
    const { credited, reference } = await creditByOperator(ledger, systemClock, payment);
    const balance = formatUsdc((await ledger.balance(accountId)).availableMicroUsdc);
    print(flags.json, { accountId, credited, reference, balance }, [
      credited
        ? `credited ${formatUsdc(amountMicroUsdc)} USDC to ${accountId}; available ${balance}`
        : `"${reference}" was credited before: nothing changed; available ${balance}`,
    ]);
  });
}

async function freeze(accountId: AccountId, flags: { undo?: boolean; json?: boolean }): Promise<void> {
  await withBooks(({ accounts }) => (flags.undo === true ? accounts.unfreeze(accountId) : accounts.freeze(accountId)));
  const status = flags.undo === true ? 'active' : 'frozen';
  print(flags.json, { accountId, status }, [
    flags.undo === true
      ? `${accountId} is active; running gateways take its calls within seconds`
      : `${accountId} is frozen; running gateways refuse its calls within seconds, and --undo lets it call again`,
  ]);
}
