import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';

import { readSecret } from '../../runtime/cli/read-secret.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { runCommand, serve, type Finished } from './run-command.js';

describe('tollgate credential', function () {
  this.timeout(120_000);
  let dir: string;
  before(() => (dir = mkdtempSync(join(tmpdir(), 'tollgate-credential-'))));
  after(() => rmSync(dir, { recursive: true, force: true }));

  const run = (args: readonly string[], input = ''): Promise<Finished> =>
    runCommand(['credential', ...args], { TOLLGATE_DATA_DIR: dir }, input);

  it('stores what it reads from standard input, which a gateway that runs takes without a restart', async () => {
    const gateway = await serve({ TOLLGATE_DATA_DIR: dir });
    const remedy = async () => {
      const answer = await fetch(`${gateway.url}/v1/apis/nasa/get-apod`);
      return ((await answer.json()) as { unavailable?: string }).unavailable;
    };
    const listed = async () => {
      const answer = await fetch(`${gateway.url}/v1/apis?provider=nasa&limit=50`);
      return ((await answer.json()) as { items: { unavailable?: string }[] }).items.filter((item) => item.unavailable);
    };
    try {
      const before = await remedy();
      assert.match(before!, /^the operator can set TOLLGATE_CREDENTIAL_NASA_API_KEY( or \w+)? to its key$/);
      const [first] = await listed();
      assert.equal(first!.unavailable, before);
      const set = await run(['set', 'nasa', 'api_key'], 'canary-1\ncanary-2\n');
      assert.deepEqual(
        [set.code, set.stdout.trim()],
        [0, 'TOLLGATE_CREDENTIAL_NASA_API_KEY is stored: 2 keys'],
        set.stderr,
      );
      while ((await remedy()) !== undefined);
      assert.deepEqual(await listed(), []);

      const list = await run(['list', '--json']);
      assert.deepEqual(JSON.parse(list.stdout), [{ variable: 'TOLLGATE_CREDENTIAL_NASA_API_KEY', keys: 2 }]);
      assert.equal((await run(['rotate-key'])).code, 0);
      assert.equal((await run(['remove', 'nasa', 'api_key'])).code, 0);
      while ((await remedy()) === undefined);
      assert.equal(readFileSync(join(dir, 'credentials.json'), 'utf8').includes('canary'), false);
    } finally {
      gateway.signal('SIGTERM');
      await gateway.finished;
    }
  });

  const WRONG: readonly (readonly [name: string, args: readonly string[], input: string, stderr: string])[] = [
    ['a provider', ['set', 'githab', 'bearer'], 'x', 'did you mean "github"?'],
    ['a scheme', ['set', 'github', 'baerer'], 'x', 'github has no security scheme "baerer": did you mean "bearer"?'],
    ['no secret', ['set', 'github', 'bearer'], '\n', 'standard input is empty'],
    [
      'a value without its colon',
      ['set', 'twilio', 'accountSid_authToken'],
      'canary',
      'tollgate: nothing was changed: the value of TOLLGATE_CREDENTIAL_TWILIO_ACCOUNTSID_AUTHTOKEN is malformed: "user:password" has a colon in it\n',
    ],
    [
      'a second value that is malformed',
      ['set', 'spotify', 'oauth_2_0'],
      'id:secret\n:canary',
      'tollgate: nothing was changed: key 2 of TOLLGATE_CREDENTIAL_SPOTIFY_OAUTH_2_0 is malformed: one part of "id:secret" is empty\n',
    ],
    ['what is not stored', ['remove', 'github', 'bearer'], '', 'TOLLGATE_CREDENTIAL_GITHUB_BEARER is not stored'],
  ];
  for (const [name, args, input, stderr] of WRONG) {
    it(`refuses ${name} that it cannot use, and says what is meant`, async () => {
      const finished = await run(args, input);
      assert.equal(finished.code, 1);
      assert.ok(finished.stderr.includes(stderr), finished.stderr);
      assert.doesNotMatch(finished.stderr, /canary/);
      assert.deepEqual(JSON.parse((await run(['list', '--json'])).stdout), []);
    });
  }

  it('tells of a variable that is malformed at the start, at /readyz and to who calls, without its value', async () => {
    const gateway = await serve({ TOLLGATE_DATA_DIR: dir, TWILIO_CREDENTIALS: 'canary' });
    const fault = 'the value of TWILIO_CREDENTIALS is malformed: "user:password" has a colon in it';
    try {
      const ready = (await (await fetch(`${gateway.url}/readyz`)).json()) as { warnings: readonly string[] };
      assert.deepEqual(ready.warnings, [fault]);
      const created = await runCommand(['key', 'create', '--json'], { TOLLGATE_DATA_DIR: dir });
      const { apiKey } = JSON.parse(created.stdout) as { apiKey: string };
      const called = await askPlainHttp(`${gateway.url}/v1/call/twilio/fetch-call`, apiKey, {
        AccountSid: `AC${'0'.repeat(32)}`,
        Sid: `CA${'0'.repeat(32)}`,
      });
      assert.deepEqual(
        [called.body.code, called.body.message],
        ['ENDPOINT_UNAVAILABLE', `the credential for twilio/fetch-call cannot be used: ${fault}`],
      );
    } finally {
      gateway.signal('SIGTERM');
      await gateway.finished;
    }
    assert.ok(gateway.errors().includes(JSON.stringify(fault)), gateway.errors());
    assert.doesNotMatch(gateway.errors(), /canary/);
  });
});

describe('a secret that is typed', () => {
  function terminal(): { input: PassThrough & ReadStream; modes: boolean[]; shown: () => string; output: PassThrough } {
    const modes: boolean[] = [];
    const output = new PassThrough();
    const input = Object.assign(new PassThrough(), {
      isTTY: true,
      setRawMode: (mode: boolean) => void modes.push(mode),
    });
    return {
      input: input as unknown as PassThrough & ReadStream,
      modes,
      output,
      shown: () => String(output.read() ?? ''),
    };
  }

  it('is read up to the end of the line, with what was erased left out, and is not shown', async () => {
    const { input, modes, output, shown } = terminal();
    input.write('canari');
    input.write('\u007fy-1\r');
    assert.equal(await readSecret(input, output, 'secret: '), 'canary-1');
    assert.deepEqual(modes, [true, false]);
    assert.equal(shown(), 'secret: \n');
  });

  it('is not taken where it is broken off', async () => {
    const { input, output } = terminal();
    input.write('can\u0003');
    await assert.rejects(readSecret(input, output, ''), /broken off; nothing was changed/);
  });
});

describe('tollgate key create', function () {
  this.timeout(60_000);

  it('refuses a provider that does not exist, and names the one that was meant', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tollgate-key-'));
    try {
      const { code, stdout, stderr } = await runCommand(['key', 'create', '--providers', 'nasa,githab'], {
        TOLLGATE_DATA_DIR: dir,
      });
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /there is no provider "githab" in the catalogue .*; did you mean "github"\?/);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
