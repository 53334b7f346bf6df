import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { runCommand } from './run-command.js';
import { runSql } from './sqlite.js';

describe('tollgate account create', function () {
  this.timeout(60_000);
  const dir = mkdtempSync(join(tmpdir(), 'tollgate-account-'));
  const tollgate = (...args: readonly string[]) => runCommand(args, { TOLLGATE_DATA_DIR: dir });
  after(() => rmSync(dir, { recursive: true }));

  it('shows the key of the account that it has made also where the credit fails, and fails', async () => {
    await tollgate('account', 'create', '--name', 'first');
    await runSql(
      join(dir, 'tollgate.db'),
      "CREATE TRIGGER no_deposit BEFORE INSERT ON transfers BEGIN SELECT RAISE(ABORT, 'no deposit today'); END",
    );
    const plain = await tollgate('account', 'create', '--name', 'Ada', '--credit', '2.5');
    assert.equal(plain.code, 1);
    assert.match(plain.stdout, /^account {2}acct_\w+ \(Ada\)\nbalance {2}not known\nAPI key {2}tg_live_\w+\n/);
    assert.match(plain.stderr, /no deposit today/);
    const json = await tollgate('account', 'create', '--name', 'Grace', '--credit', '2.5', '--json');
    assert.equal(json.code, 1);
    assert.deepEqual(Object.keys(JSON.parse(json.stdout) as object), ['accountId', 'apiKey']);
  });
});
