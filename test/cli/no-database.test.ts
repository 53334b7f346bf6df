import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { STORES } from '../store/stores.js';
import { runCommand, runCommands, type Finished } from './run-command.js';

describe('where there is no database', function () {
  this.timeout(60_000);
  let dir: string;
  let dataDir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-nothing-'));
    dataDir = join(dir, 'data');
  });
  after(() => rmSync(dir, { recursive: true, force: true }));
  const tollgate = (...args: readonly string[]): Promise<Finished> => runCommand(args, { TOLLGATE_DATA_DIR: dataDir });
  const missing = (path: string): string =>
    `tollgate: there is no database ${path}: run this where the gateway runs, or set TOLLGATE_DATA_DIR or DATABASE_URL ` +
    'as it has them; the first start of the gateway makes one\n';

  it('commands that read or administer make none, and say where they looked and what to do', async () => {
    const commands = [
      ['account', 'list'],
      ['account', 'credit', 'acct_1', '5'],
      ['account', 'freeze', 'acct_1'],
      ['key', 'create'],
      ['key', 'list'],
      ['key', 'revoke', 'key_1'],
      ['ledger', 'check'],
      ['receipt', 'keys'],
      ['receipt', 'rotate-key'],
      ['receipt', 'retire-key', '0x1'],
      ['statement', 'export', '--account', 'acct_1'],
    ];
    const finished = await runCommands(commands.map((args) => () => tollgate(...args)));
    const refused = { code: 1, stdout: '', stderr: missing(join(dataDir, 'tollgate.db')) };
    assert.deepEqual(
      finished,
      commands.map(() => refused),
    );
    assert.equal(existsSync(dataDir), false);
  });

  it('a file with nothing in it is none either', async () => {
    const path = join(dir, 'empty.db');
    writeFileSync(path, '');
    const { code, stderr } = await runCommand(['ledger', 'check'], { DATABASE_URL: `sqlite:${path}` });
    assert.deepEqual([code, stderr], [1, missing(path)]);
  });

  it('none says that one is made where its log is left, for no start makes it', async () => {
    const path = join(dir, 'gone.db');
    writeFileSync(`${path}-wal`, 'the latest calls');
    const run =
      (...args: readonly string[]) =>
      () =>
        runCommand(args, { DATABASE_URL: `sqlite:${path}` });
    const refused = {
      code: 1,
      stdout: '',
      stderr:
        `tollgate: there is no database ${path}, or nothing in it, but its log ${path}-wal holds the latest calls: bring ` +
        'back the database that belongs to it; only where that is lost for good, move the log away\n',
    };
    assert.deepEqual(
      await runCommands([
        run('ledger', 'check'),
        run('account', 'create', '--name', 'Ada'),
        run('backup', '--out', join(dir, 'backup')),
      ]),
      [refused, refused, refused],
    );
    assert.equal(existsSync(path), false);
  });

  it('on a PostgreSQL database with nothing in it only the first account makes tables', async () => {
    const database = await STORES[1]!.create();
    const run = (...args: readonly string[]): Promise<Finished> =>
      runCommand(args, { TOLLGATE_DATA_DIR: dataDir, DATABASE_URL: database.url });
    for (let time = 1; time <= 2; time += 1) {
      const { code, stdout, stderr } = await run('ledger', 'check');
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(
        stderr,
        /^tollgate: cannot open the database postgres.*: there are no books in it: run this where the gateway runs, or set DATABASE_URL as it has it; the first start of the gateway makes them\n$/,
      );
    }
    const made = await run('account', 'create', '--name', 'Ada');
    assert.deepEqual(
      [made.code, made.stderr],
      [0, 'tollgate: there were no books in the database: new ones are made\n'],
    );
    assert.deepEqual((await run('ledger', 'check')).code, 0);
    await database.drop();
  });

  it('the first account makes one and says so on standard error, and the next finds it', async () => {
    const first = await tollgate('account', 'create', '--name', 'Ada', '--json');
    assert.deepEqual(
      [first.code, first.stderr],
      [0, `tollgate: there was no database: a new one is made, ${join(dataDir, 'tollgate.db')}\n`],
    );
    assert.equal((JSON.parse(first.stdout) as { balance: string }).balance, '0.000000');
    const second = await tollgate('account', 'create', '--name', 'Grace', '--json');
    assert.deepEqual([second.code, second.stderr], [0, '']);
  });
});
