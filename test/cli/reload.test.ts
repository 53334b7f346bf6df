import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { systemClock } from '../../runtime/clock.js';
import { CredentialStore } from '../../runtime/credential/credential-store.js';
import { Secret } from '../../runtime/credential/secret.js';
import { serve, type Served } from './run-command.js';

type Json = Record<string, unknown>;

/**
 * What a gateway follows by itself are the files of credentials and the store; the key of the store is neither, so that
 * only a signal can tell of another one.
 */
describe('a gateway whose store of credentials cannot be opened', function () {
  this.timeout(60_000);
  let dir: string;
  let keyFile: string;
  let served: Served;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-reload-'));
    keyFile = join(dir, 'vault.key');
    const store = new CredentialStore({ dataDir: dir, clock: systemClock, keyFile });
    store.change((credentials) => void credentials.set('TOLLGATE_CREDENTIAL_NASA_API_KEY', [new Secret('canary')]));
    renameSync(keyFile, `${keyFile}.away`);
    served = await serve({ TOLLGATE_DATA_DIR: dir });
  });

  after(async () => {
    served.signal('SIGKILL');
    await served.finished;
    rmSync(dir, { recursive: true, force: true });
  });

  const get = async (path: string): Promise<{ readonly status: number; readonly body: Json }> => {
    const answer = await fetch(served.url + path);
    return { status: answer.status, body: (await answer.json()) as Json };
  };
  const unavailable = async () => (await get('/v1/apis/nasa/get-apod')).body.unavailable;

  it('is ready and says in /readyz what is wrong and what to do, and describes what cannot be called', async () => {
    const { status, body } = await get('/readyz');
    assert.equal(status, 200);
    assert.deepEqual(body, {
      status: 'ready',
      problems: [],
      warnings: [
        `the key of ${join(dir, 'credentials.json')}, the file ${keyFile}, is not there: bring it back, set TOLLGATE_VAULT_KEY_FILE to where it is, or TOLLGATE_VAULT_KEY to what it held`,
      ],
    });
    assert.match((await unavailable()) as string, /set TOLLGATE_CREDENTIAL_NASA_API_KEY/);
  });

  it('takes the key that was put back at SIGHUP, and goes on', async () => {
    renameSync(`${keyFile}.away`, keyFile);
    served.signal('SIGHUP');
    while ((await get('/readyz')).body.warnings !== undefined) await sleep(50);
    assert.equal(await unavailable(), undefined);
    assert.equal(served.errors().includes('canary'), false);
  });
});
