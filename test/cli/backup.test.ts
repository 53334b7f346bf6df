import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { askPlainHttp } from '../fixtures/plain-http.js';
import { runCommand, serve, type Finished, type Served } from './run-command.js';

interface Answer {
  readonly request_id: string;
  readonly receipt: { readonly signer: string };
}

describe('tollgate backup', function () {
  this.timeout(120_000);
  let dir: string;
  let environment: Record<string, string>;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-backup-'));
    environment = { TOLLGATE_DATA_DIR: join(dir, 'data') };
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const backup = (name: string, more: Readonly<Record<string, string>> = {}): Promise<Finished> =>
    runCommand(['backup', '--out', join(dir, name)], { ...environment, ...more });
  const modes = (name: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      ['.', ...readdirSync(join(dir, name))].map((file) => [
        file,
        (statSync(join(dir, name, file)).mode & 0o777).toString(8),
      ]),
    );
  const stop = async (gateway: Served): Promise<void> => {
    gateway.signal('SIGTERM');
    await gateway.finished;
  };

  async function call({ url }: Served, apiKey: string): Promise<Answer> {
    const { status, body } = await askPlainHttp(`${url}/v1/call/sandbox/get-report`, apiKey, {});
    assert.equal(status, 200);
    return body as unknown as Answer;
  }

  it('of a gateway that takes calls meanwhile holds each that was answered before, and another gateway goes on with it', async () => {
    const set = await runCommand(['credential', 'set', 'github', 'bearer'], environment, 'canary-1');
    assert.equal(set.code, 0, set.stderr);
    const gateway = await serve(environment);
    const [, apiKey = ''] = /API key \(shown this once\): {2}(\S+)/.exec(gateway.greeting) ?? [];
    const answers: Answer[] = [];
    let isOver = false;
    const callOn = async (): Promise<void> => {
      while (!isOver) answers.push(await call(gateway, apiKey));
    };
    const calling = [callOn(), callOn(), callOn(), callOn()];
    while (answers.length < 100) await new Promise((resolve) => setImmediate(resolve));
    const before = [...answers];
    const finished = await backup('copy');
    isOver = true;
    await Promise.all(calling);
    await stop(gateway);

    assert.deepEqual(finished, {
      code: 0,
      stdout: `written to ${join(dir, 'copy')}, which holds secrets: tollgate.db, receipt.key, credentials.json, vault.key\n`,
      stderr: '',
    });
    assert.deepEqual(modes('copy'), {
      '.': '700',
      'credentials.json': '600',
      'receipt.key': '600',
      'tollgate.db': '600',
      'vault.key': '600',
    });

    const restored = { TOLLGATE_DATA_DIR: join(dir, 'copy') };
    const check = await runCommand(['ledger', 'check'], restored);
    assert.deepEqual([check.code, check.stderr], [0, '']);
    assert.match(check.stdout, /the books are sound\n$/);
    const stored = await runCommand(['credential', 'list', '--json'], restored);
    assert.deepEqual(JSON.parse(stored.stdout), [{ variable: 'TOLLGATE_CREDENTIAL_GITHUB_BEARER', keys: 1 }]);

    const again = await serve(restored);
    try {
      for (const { request_id: id } of before) {
        assert.equal((await askPlainHttp(`${again.url}/v1/usage?request_id=${id}`, apiKey)).status, 200, id);
      }
      assert.equal((await call(again, apiKey)).receipt.signer, before[0]!.receipt.signer);
    } finally {
      await stop(again);
    }
  });

  it('without its receipt key starts with another, and says so on standard error', async () => {
    rmSync(join(dir, 'copy', 'receipt.key'));
    const gateway = await serve({ TOLLGATE_DATA_DIR: join(dir, 'copy') });
    await stop(gateway);
    const lines = gateway.errors().split('\n');
    const told = lines.filter((line) => line.includes('receipt.key is new to this database, in which 0x'));
    assert.equal(told.length, 1, gateway.errors());
  });

  it('overwrites nothing', async () => {
    mkdirSync(join(dir, 'taken'));
    writeFileSync(join(dir, 'taken', 'mine'), '');
    assert.deepEqual(await backup('taken'), {
      code: 1,
      stdout: '',
      stderr: `tollgate: ${join(dir, 'taken')} exists, and nothing is overwritten: name a folder that does not\n`,
    });
    assert.deepEqual(readdirSync(join(dir, 'taken')), ['mine']);
    mkdirSync(join(dir, 'next.part'));
    const { code, stderr } = await backup('next');
    assert.equal(code, 1);
    assert.match(
      stderr,
      /next\.part exists: another backup is being made there, or one was killed; if none is, remove it\n$/,
    );
    assert.equal(existsSync(join(dir, 'next')), false);
  });

  it('beside another data directory says that the receipt key is not in it', async () => {
    const other = join(dir, 'other');
    const { code, stdout } = await backup('beside', {
      TOLLGATE_DATA_DIR: other,
      DATABASE_URL: `sqlite:${join(dir, 'data', 'tollgate.db')}`,
    });
    assert.deepEqual(
      [code, stdout],
      [
        0,
        `written to ${join(dir, 'beside')}, which holds secrets: tollgate.db\n` +
          `not in it: the receipt key, which is not in ${other}: run this with the TOLLGATE_DATA_DIR of the gateway\n`,
      ],
    );
  });

  it('leaves nothing behind where the credentials do not open with their key', async () => {
    const { code, stdout, stderr } = await backup('broken', { TOLLGATE_VAULT_KEY: 'a'.repeat(64) });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^tollgate: nothing was backed up: the stored credentials cannot be opened with their key; /);
    assert.deepEqual([existsSync(join(dir, 'broken')), existsSync(join(dir, 'broken.part'))], [false, false]);
  });

  it('of nothing is refused', async () => {
    const { code, stderr } = await backup('nothing', { TOLLGATE_DATA_DIR: join(dir, 'no-such') });
    assert.equal(code, 1);
    assert.match(stderr, /^tollgate: there is no database \S+no-such\/tollgate\.db: /);
    assert.equal(existsSync(join(dir, 'nothing')), false);
  });

  it('says what it does not have: a database of PostgreSQL, and the keys and credentials of the environment', async () => {
    const elsewhere = {
      DATABASE_URL: 'postgres://ada:canary@127.0.0.1:1/tollgate',
      TOLLGATE_RECEIPT_KEY: '1'.repeat(64),
      TOLLGATE_CREDENTIAL_NASA_API_KEY: 'canary',
    };
    assert.deepEqual(await backup('keys', elsewhere), {
      code: 0,
      stdout:
        `written to ${join(dir, 'keys')}, which holds secrets: credentials.json, vault.key\n` +
        'not in it: the database, which is PostgreSQL: back it up with pg_dump\n' +
        'not in it: TOLLGATE_RECEIPT_KEY, which is set in the environment\n' +
        'not in it: TOLLGATE_CREDENTIAL_NASA_API_KEY, which is set in the environment\n',
      stderr: '',
    });
  });
});
