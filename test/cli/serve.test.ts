import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { pino } from 'pino';

import { askPlainHttp } from '../fixtures/plain-http.js';
import { runCommand, runCommands, serve, type Finished, type Served } from './run-command.js';
import { runSql } from './sqlite.js';

type Json = Record<string, unknown>;

/** One operator's day: a first start, accounts and keys while it runs, a stop with a call under way, a later start. */
describe('tollgate serve', function () {
  this.timeout(60_000);
  let dir: string;
  let environment: Record<string, string>;
  let served: Served;
  let developmentKey: string;
  let developmentAccount: string;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-serve-'));
    environment = { TOLLGATE_DATA_DIR: dir };
    served = await serve(environment);
  });
  after(async () => {
    served.signal('SIGKILL');
    await served.finished;
    rmSync(dir, { recursive: true, force: true });
  });

  const json = ({ code, stdout, stderr }: Finished): Json => {
    assert.deepEqual([code, stderr], [0, '']);
    return JSON.parse(stdout) as Json;
  };
  const tollgate = (...args: readonly string[]) => runCommand(args, environment);

  const send = (apiKey: string, path: string, args?: Json) => askPlainHttp(served.url + path, apiKey, args);
  const call = (apiKey: string, endpoint: string, args: Json = {}) => send(apiKey, `/v1/call/${endpoint}`, args);

  it('prints at the first start its URL, a key with a test credit, and lines for four clients', async () => {
    const { greeting, url } = served;
    assert.match(
      greeting,
      /^Tollgate is listening: http:\/\/127\.0\.0\.1:\d+\/mcp\n {2}\d+ endpoints of \d+ providers; sandbox upstream at http/,
    );
    assert.match(greeting, /First start: made an account "development" with a test credit of 10 USDC\./);
    [, developmentKey = ''] = /API key \(shown this once\): {2}(\S+)/.exec(greeting) ?? [];
    for (const client of ['Claude Code', 'Claude Desktop', 'Cursor', 'VS Code']) assert.ok(greeting.includes(client));
    assert.equal(greeting.split(`${url}/mcp`).length - 1, 5);
    const { status, body } = await send(developmentKey, '/v1/balance');
    assert.deepEqual([status, body.available], [200, '10.000000']);
  });

  it('lets the operator make, credit, list and freeze accounts while it runs', async () => {
    const created = json(await tollgate('account', 'create', '--name', 'Ada', '--credit', '2.5', '--json'));
    const accountId = created.accountId as string;
    assert.match(accountId, /^acct_/);
    assert.equal(created.balance, '2.500000');
    assert.equal((await send(created.apiKey as string, '/v1/balance')).body.available, '2.500000');

    const credit = ['account', 'credit', accountId, '1', '--reference', 'invoice 7'];
    const first = await tollgate(...credit);
    assert.match(first.stdout, /^credited 1\.000000 USDC to acct_\w+; available 3\.500000\n$/);
    const [again, frozen] = await runCommands([
      () => tollgate(...credit, '--json'),
      () => tollgate('account', 'freeze', accountId),
    ]);
    assert.deepEqual([json(again!).credited, json(again!).balance], [false, '3.500000']);
    assert.equal(
      frozen!.stdout,
      `${accountId} is frozen; running gateways refuse its calls within seconds, and --undo lets it call again\n`,
    );

    const [development, ada] = json(await tollgate('account', 'list', '--json')) as unknown as Json[];
    const columns = ['name', 'status', 'available', 'held'];
    assert.deepEqual(
      [development, ada].map((row) => columns.map((column) => row![column])),
      [
        ['development', 'active', '10.000000', '0.000000'],
        ['Ada', 'frozen', '3.500000', '0.000000'],
      ],
    );
    assert.equal(ada!.accountId, accountId);
    developmentAccount = development!.accountId as string;
  });

  it('holds a key to its limits: price of a call, providers, spending of a day, expiry, revocation', async () => {
    const create = ['key', 'create', '--account', developmentAccount, '--json'];
    const [ambiguous, ...made] = await runCommands([
      () => tollgate('key', 'create'),
      () => tollgate(...create, '--name', 'cheap', '--max-price', '0.0015', '--providers', 'sandbox,nasa'),
      () => tollgate(...create, '--name', 'daily', '--daily-limit', '0.003'),
      () => tollgate(...create, '--name', 'short', '--expires', '45m'),
    ]);
    const [cheap, daily, short] = made.map(json) as { keyId: string; apiKey: string }[];
    assert.deepEqual(ambiguous, {
      code: 1,
      stdout: '',
      stderr: 'tollgate: there are 2 accounts; say whose key it is with --account, from `tollgate account list`\n',
    });

    const codes = async (apiKey: string, endpoints: readonly string[]): Promise<readonly unknown[]> => {
      const all: unknown[] = [];
      for (const endpoint of endpoints) {
        const args = endpoint === 'sandbox/get-weather' ? { city: 'berlin' } : {};
        const { status, body } = await call(apiKey, endpoint, args);
        all.push(body.code ?? status);
      }
      return all;
    };
    assert.deepEqual(
      await codes(cheap!.apiKey, ['sandbox/get-report', 'sandbox/get-weather', 'hacker-news/list-top-stories']),
      [200, 'BUDGET_EXCEEDED', 'PROVIDER_NOT_ALLOWED'],
    );
    assert.deepEqual(
      await codes(daily!.apiKey, [
        'sandbox/get-weather',
        'sandbox/get-weather',
        'sandbox/get-report',
        'sandbox/get-report',
      ]),
      [200, 'BUDGET_EXCEEDED', 200, 'BUDGET_EXCEEDED'],
    );
    // Nobody waits for 45 minutes here: its end is moved to the past before the gateway has seen the key.
    const end = Number(
      (await runSql(join(dir, 'tollgate.db'), `SELECT expires_at_ms FROM api_keys WHERE id = '${short!.keyId}'`))[0]!
        .expires_at_ms,
    );
    assert.ok(Math.abs(end - Date.now() - 45 * 60_000) < 60_000);
    await runSql(join(dir, 'tollgate.db'), `UPDATE api_keys SET expires_at_ms = 1 WHERE id = '${short!.keyId}'`);
    const expired = await call(short!.apiKey, 'sandbox/get-report');
    assert.deepEqual([expired.status, expired.body.code], [401, 'UNAUTHENTICATED']);
    assert.match(expired.body.message as string, /expired at 1970-01-01/);

    const { stdout } = await tollgate('key', 'revoke', daily!.keyId);
    assert.equal(stdout, `${daily!.keyId} is revoked\n`);
    const listed = json(await tollgate('key', 'list', '--json')) as unknown as Json[];
    const shown = (name: string) => listed.find((row) => row.name === name)!;
    assert.deepEqual([shown('cheap').maxPrice, shown('cheap').providers], ['0.001500', ['sandbox', 'nasa']]);
    assert.deepEqual([shown('daily').dailyLimit, shown('cheap').revoked], ['0.003000', null]);
    assert.match(shown('daily').revoked as string, /^\d{4}-/);
    assert.equal(JSON.stringify(listed).includes(cheap!.apiKey), false);
    // The gateway is another process, and remembers a key for a few seconds.
    let refused = await call(daily!.apiKey, 'sandbox/quote-of-the-day');
    while (refused.status === 200) {
      await sleep(200);
      refused = await call(daily!.apiKey, 'sandbox/quote-of-the-day');
    }
    assert.match(refused.body.message as string, /was revoked$/);
  });

  it('finishes and answers the call under way at SIGTERM, takes no other, and exits 0', async () => {
    const under = call(developmentKey, 'sandbox/slow', { delay_ms: 2_500 });
    while ((await send(developmentKey, '/v1/balance')).body.held === '0.000000') await sleep(20);
    served.signal('SIGTERM');
    // A signal reaches another process when the system gets to it: what is asked before that is still answered.
    let late: string | undefined;
    do {
      late = await call(developmentKey, 'sandbox/get-report').then(
        ({ body }) => body.code as string | undefined,
        () => 'connection refused',
      );
    } while (late === undefined);
    assert.ok(late === 'SHUTTING_DOWN' || late === 'connection refused', late);
    const { status, body } = await under;
    assert.deepEqual([status, body.charged, body.body], [200, '0.001000', { ok: true, delay_ms: 2_500 }]);
    const { code, stderr } = await served.finished;
    const lines = stderr.trim().split('\n');
    const log = lines.map((line) => JSON.parse(line) as { level: number; request_id?: string });
    assert.deepEqual([code, log.filter(({ level }) => level > pino.levels.values.info!)], [0, []]);
    assert.ok(
      log.some(({ request_id: id }) => id === body.request_id),
      'the call’s own line is written at the end',
    );
  });

  it('leaves sound books behind', async () => {
    const { code, stdout } = await tollgate('ledger', 'check');
    assert.equal(code, 0);
    assert.match(stdout, /^holds +the sum of all debits equals the sum of all credits/);
    assert.match(stdout, /\nthe books are sound\n$/);
  });

  it('prints at a later start how to get another key, and none', async () => {
    served = await serve(environment);
    assert.match(served.greeting, /Another API key: {2}npx tollgate key create --account <id>/);
    assert.equal(served.greeting.includes('tg_live_'), false);
    assert.equal(served.greeting.includes('Claude'), false);
    assert.equal((await send(developmentKey, '/v1/balance')).status, 200);
    served.signal('SIGINT');
    assert.equal((await served.finished).code, 0);
  });
});
