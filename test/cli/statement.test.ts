import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Statement } from '../../runtime/statement/statement.js';
import { runCommand, type Finished } from './run-command.js';

/** An auditor's visit: statements before and after the receipt key was rotated, verified with what is published. */
describe('tollgate statement and tollgate receipt rotate-key', function () {
  this.timeout(120_000);
  let dir: string;
  let accountId: string;
  const tollgate = (...args: readonly string[]): Promise<Finished> => runCommand(args, { TOLLGATE_DATA_DIR: dir });
  const file = (name: string): string => join(dir, name);
  const ok = ({ code, stdout, stderr }: Finished): string => {
    assert.deepEqual([code, stderr], [0, '']);
    return stdout;
  };

  /** Until the second of the last deposit is over, it belongs to no statement. */
  async function exported(name: string, deposits: number, ...flags: readonly string[]): Promise<Statement> {
    for (;;) {
      const text = ok(await tollgate('statement', 'export', '--account', accountId, ...flags));
      const statement = JSON.parse(text) as Statement;
      if (statement.deposits.length < deposits) continue;
      writeFileSync(file(name), text);
      return statement;
    }
  }

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-statement-'));
    const created = await tollgate('account', 'create', '--name', 'Ada', '--credit', '2.5', '--json');
    ({ accountId } = JSON.parse(created.stdout) as { accountId: string });
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('are exported as JSON alone with --json, to a file and to standard output', async () => {
    const args = ['statement', 'export', '--account', accountId, '--json'];
    const printed = JSON.parse(ok(await tollgate(...args))) as Statement;
    assert.equal(printed.message.account, accountId);
    const both = ok(await tollgate(...args, '--out', file('both.json')));
    assert.equal(both, readFileSync(file('both.json'), 'utf8'));
  });

  it('follow an account over a rotation of the key, and all of it verifies offline', async () => {
    const first = await exported('first.json', 1);
    assert.deepEqual([first.message.openingMicroUsdc, first.message.closingMicroUsdc], ['0', '2500000']);

    const rotation = JSON.parse(ok(await tollgate('receipt', 'rotate-key', '--overlap', '10m', '--json'))) as {
      from: string;
      to: string;
      until: number;
    };
    assert.equal(rotation.from, first.signer);
    ok(await tollgate('account', 'credit', accountId, '1'));
    const second = await exported('second.json', 1, '--since', new Date(first.message.until * 1000).toISOString());
    assert.equal(second.signer, rotation.to);
    assert.deepEqual([second.message.openingMicroUsdc, second.message.closingMicroUsdc], ['2500000', '3500000']);

    const keys = ok(await tollgate('receipt', 'keys', '--json'));
    writeFileSync(file('keys.json'), keys);
    const published = (JSON.parse(keys) as { keys: { address: string; validUntil?: number }[] }).keys;
    assert.deepEqual(
      published.map(({ address, validUntil }) => [address, validUntil]),
      [
        [rotation.from, rotation.until],
        [rotation.to, undefined],
      ],
    );
    const both = await tollgate(
      'statement',
      'verify',
      file('first.json'),
      file('second.json'),
      '--keys',
      file('keys.json'),
    );
    assert.match(ok(both), /closing balance +3\.500000 USDC\nvalid: the sums hold and no receipt/);
  });

  it('fail where a deposit is left out, the order is wrong, or the signer is another', async () => {
    const second = JSON.parse(readFileSync(file('second.json'), 'utf8')) as Statement;
    writeFileSync(file('forged.json'), JSON.stringify({ ...second, deposits: [] }));
    const other = `0x${'1'.repeat(40)}`;
    const cases: readonly (readonly [args: readonly string[], want: RegExp])[] = [
      [[file('forged.json'), '--keys', file('keys.json')], /^not valid: depositsDigest is not that of the deposits/],
      [[file('second.json'), file('first.json'), '--keys', file('keys.json')], /^not valid: statement 2: since is/],
      [[file('first.json'), '--signer', other], /^not valid: signer 0x\w+ is not a trusted key/],
    ];
    for (const [args, want] of cases) {
      const { code, stdout } = await tollgate('statement', 'verify', ...args);
      assert.equal(code, 1);
      assert.match(stdout, want);
    }
  });

  it('say what is wrong with their arguments', async () => {
    const wrongTime = await tollgate('statement', 'export', '--account', accountId, '--since', 'yesterday');
    assert.equal(wrongTime.code, 2);
    assert.match(wrongTime.stderr, /write it like 2026-11-01 or 2026-11-01T09:30:00Z/);
    const nowhere = join(dir, 'no-such', 'out.json');
    const unwritten = await tollgate('statement', 'export', '--account', accountId, '--out', nowhere);
    assert.deepEqual(
      [unwritten.code, unwritten.stderr],
      [2, `tollgate: ${nowhere} cannot be written: its folder is not there\n`],
    );
    const future = await tollgate('statement', 'export', '--account', accountId, '--since', '2999-01-01');
    assert.equal(future.code, 1);
    assert.match(
      future.stderr,
      /cannot begin at 2999-01-01T00:00:00\.000Z and end at \S+: choose a beginning that is over\n$/,
    );
    const nobody = await tollgate('statement', 'export', '--account', 'acct_none');
    assert.deepEqual([nobody.code, nobody.stdout], [1, '']);
    assert.match(nobody.stderr, /^tollgate: no buyer has the account acct_none: "tollgate account list" shows/);
  });
});
