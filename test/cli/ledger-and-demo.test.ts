import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../runtime/clock.js';
import { readConfig } from '../../runtime/config.js';
import { creditByOperator } from '../../runtime/deposit/operator-credit.js';
import { openBooks } from '../../runtime/books.js';
import { runCommand, runCommands, type Finished } from './run-command.js';
import { dropTriggers, runSql } from './sqlite.js';

describe('tollgate ledger check and tollgate demo', function () {
  this.timeout(60_000);
  let dir: string;
  let sound: Finished;
  let broken: Finished;
  let damaged: Finished;
  let lost: Finished;
  let demo: Finished;
  let nowhere: Finished;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-ledger-'));
    const environment = { TOLLGATE_DATA_DIR: dir };
    const { store, accounts, ledger } = await openBooks(readConfig(environment, {}));
    const accountId = await accounts.create('someone');
    await creditByOperator(ledger, systemClock, { accountId, amountMicroUsdc: 1_000_000n });
    await store.close();
    [sound, demo, nowhere] = (await runCommands([
      () => runCommand(['ledger', 'check', '--json'], environment),
      () => runCommand(['demo']),
      () => runCommand(['demo', '--url', 'http://127.0.0.1:9', '--key', 'x']),
    ])) as [Finished, Finished, Finished];
    await dropTriggers(join(dir, 'tollgate.db'));
    await runSql(
      join(dir, 'tollgate.db'),
      "UPDATE accounts SET credits_posted = credits_posted + 1 WHERE kind = 'buyer'",
    );
    broken = await runCommand(['ledger', 'check'], environment);
    await damageTransfers(join(dir, 'tollgate.db'));
    damaged = await runCommand(['ledger', 'check', '--json'], environment);
    lost = await runCommand(['account', 'credit', accountId, '1', '--reference', 'x'], environment);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('exits 0 where every invariant holds, and prints nothing but JSON', () => {
    assert.deepEqual([sound.code, sound.stderr], [0, '']);
    const { sound: holds, results } = toldOf(sound);
    assert.equal(holds, true);
    assert.equal(results.at(-1)?.invariant, 'a stored answer is the one that its receipt is for');
    const checked = results.map(({ invariant }) => invariant);
    assert.ok(checked.includes('the file of the database is whole, and its indexes have every row of their tables'));
    assert.ok(results.length >= 8 && results.every((result) => result.violations.length === 0));
  });

  it('exits 1 where money was made up behind its back, and says where', () => {
    assert.equal(broken.code, 1);
    assert.match(
      broken.stdout,
      /^BROKEN +the sum of all debits equals the sum of all credits, pending likewise\n +posted: debits 1000000, credits 1000001;/,
    );
    assert.match(
      broken.stdout,
      /\nBROKEN +an account's credits posted equal its transfers\n +acct_\w+ has 1000001, its transfers come to 1000000\n/,
    );
    assert.match(broken.stdout, /\nthe books are NOT sound\n$/);
  });

  it('exits 1 where the file is damaged so that the books cannot be read, and prints nothing but JSON', () => {
    assert.deepEqual([damaged.code, damaged.stderr], [1, '']);
    const { sound: holds, results } = toldOf(damaged);
    assert.equal(holds, false);
    assert.deepEqual(results, [
      {
        invariant: 'the file of the database is whole, and its indexes have every row of their tables',
        violations: ['it is damaged so that it cannot be read to its end: bring it back from a backup'],
      },
    ]);
  });

  it('is not alone in that: any command on damaged books says what the operator can do, and not a caller', () => {
    assert.deepEqual(lost, {
      code: 1,
      stdout: '',
      stderr: 'tollgate: the database of this gateway is damaged\n  bring it back from a backup\n',
    });
  });

  it('says where nobody plays with it, in one line', () => {
    assert.deepEqual([nowhere.code, nowhere.stderr], [1, '']);
    assert.match(
      nowhere.stdout,
      /\n {2}✗ it cannot connect to http:\/\/127\.0\.0\.1:9\/mcp \(bad port\): a gateway has to run there, and the key be one of it\n$/,
    );
  });

  it('says that all of it held after the last check, and marks a body that it cuts', () => {
    assert.match(demo.stdout, /the books of the gateway are sound\n\nAll of it held\.\n$/);
    assert.match(demo.stdout, /\n {4}body: \{.{159}…\n/);
  });

  it('plays the whole session of an agent, and exits 0 because all of it held', () => {
    assert.deepEqual([demo.code, demo.stderr], [0, '']);
    assert.equal(demo.stdout.includes('✗'), false);
    for (const promise of [
      'seven tools, however many endpoints there are',
      'the charge is what was quoted',
      'the signature is good, and it is for these arguments',
      'with another amount in it, it does not verify',
      'to the micro-USDC',
      'the first answer comes again',
      'and it is not charged again',
      'and it is not charged',
      'nothing was sent or charged',
      'the rating counts',
      'the books of the gateway are sound',
    ]) {
      assert.ok(demo.stdout.includes(`  ✓ ${promise}\n`), promise);
    }
  });
});

function toldOf({ stdout }: Finished): {
  readonly sound: boolean;
  readonly results: readonly { readonly invariant: string; readonly violations: readonly string[] }[];
} {
  return JSON.parse(stdout) as ReturnType<typeof toldOf>;
}

/** Overwrites the first page of a table, as a failing disk does. */
async function damageTransfers(path: string): Promise<void> {
  const [schema] = await runSql(path, "SELECT rootpage FROM sqlite_master WHERE name = 'transfers'");
  const [pragma] = await runSql(path, 'PRAGMA page_size');
  const size = Number(pragma!.page_size);
  const file = readFileSync(path);
  const start = (Number(schema!.rootpage) - 1) * size;
  file.fill(0xff, start, start + size);
  writeFileSync(path, file);
}
