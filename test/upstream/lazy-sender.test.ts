import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

import { systemClock } from '../../runtime/clock.js';
import { lazySender } from '../../runtime/upstream/lazy-sender.js';
import { PACKAGE_ROOT } from '../../runtime/package-root.js';

const LIMITS = { timeoutMs: 5_000, maxResponseBytes: 1_000, concurrency: 1 };

describe('a sender that is loaded with its first request', () => {
  it('sends the request that it was loaded for', async () => {
    const server = createServer((_, res) => res.end('there'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const sender = lazySender({ allowPrivate: () => true, clock: systemClock });
    try {
      const request = { url: new URL(origin), origin, method: 'GET', headers: [] } as const;
      const answer = await sender.send(request, { provider: 'one', limits: LIMITS });
      assert.equal(Buffer.from(answer.body).toString(), 'there');
    } finally {
      await sender.close();
      server.close();
    }
  });

  it('may be closed before there is one', async () => {
    await lazySender({ allowPrivate: () => true, clock: systemClock }).close();
  });

  it('leaves what it sends by out of what a gateway loads for its start', async () => {
    const program = `
      import { createRequire } from 'node:module';
      await import('./runtime/main.ts');
      const loaded = Object.keys(createRequire(import.meta.url).cache);
      console.log(JSON.stringify(['koa', 'undici'].map((name) => loaded.some((file) => file.includes('/node_modules/' + name + '/')))));`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: PACKAGE_ROOT });
    assert.deepEqual(JSON.parse(stdout), [true, false]);
  });

  it('is loaded at the next request where it could not be, and closes all the same', async () => {
    let failing = true;
    const load = () => {
      if (failing) return Promise.reject(new Error('EMFILE: too many open files'));
      return import('../../runtime/upstream/send.js');
    };
    const sender = lazySender({ allowPrivate: () => false, clock: systemClock }, load);
    const origin = 'http://127.0.0.1:1';
    const request = { url: new URL(origin), origin, method: 'GET', headers: [] } as const;
    const send = () => sender.send(request, { provider: 'one', limits: LIMITS });
    const refused = assert.rejects(send(), /EMFILE/);
    await sender.close();
    await refused;
    failing = false;
    await assert.rejects(send(), { name: 'UpstreamFailure', kind: 'address-refused' });
    await sender.close();
  });
});
