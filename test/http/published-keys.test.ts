import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createApp, type AppDependencies } from '../../runtime/http/app.js';
import { RequestMemory } from '../../runtime/http/request-memory.js';
import { storeUnavailable } from '../../runtime/store/store-fault.js';

describe('the published keys', () => {
  let server: Server;
  let keys: AppDependencies['publishedKeys'];

  before(async () => {
    const ownAddress = () => ({ host: '127.0.0.1', port: 1 });
    const requests = new RequestMemory();
    const deps = { ownAddress, requests, draining: () => false, publishedKeys: () => keys() };
    const handle = createApp(deps as unknown as AppDependencies).callback();
    server = createServer((req, res) => void handle(req, res));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  after(() => server.close());

  const get = async (): Promise<readonly [status: number, cacheControl: string | null]> => {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/.well-known/tollgate-receipt-keys.json`);
    await response.text();
    return [response.status, response.headers.get('cache-control')];
  };

  it('may be kept for a while', async () => {
    keys = () => Promise.resolve([]);
    assert.deepEqual(await get(), [200, 'public, max-age=300']);
  });

  it('are not to be kept where they cannot be read', async () => {
    keys = () => Promise.reject(storeUnavailable(new Error('gone')));
    assert.deepEqual(await get(), [503, 'no-store']);
  });
});
