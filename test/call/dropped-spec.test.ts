import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { callTool, startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';

const DOCUMENT = `
openapi: 3.1.0
info: { title: Tide tables, version: '1' }
servers: [{ url: https://tides.example/v1 }]
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Tide-Key }
security: [{ key: [] }]
paths:
  /tides/{port}:
    get:
      operationId: getTides
      summary: When the tide is high in a port
      parameters:
        - { name: port, in: path, required: true, schema: { type: string } }
        - { name: days, in: query, style: form, explode: false, schema: { type: array, items: { type: integer } } }
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: object } } } }
`;

/** The maintainer's whole day: drop a document, generate, and an agent can find, price and pay for it. */
describe('a document that is dropped into specs/', function () {
  this.timeout(60_000);
  let dir: string;
  let upstream: Server;
  let gateway: TestGateway;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-specs-'));
    mkdirSync(join(dir, 'specs'));
    writeFileSync(join(dir, 'specs', 'tides.yaml'), DOCUMENT);
    const cli = ['--import', 'tsx', 'runtime/cli/tollgate.ts', 'generate'];
    await promisify(execFile)(process.execPath, [
      ...cli,
      '--specs',
      join(dir, 'specs'),
      '--out',
      join(dir, 'generated'),
    ]);
    upstream = createServer((req, res) => {
      res.setHeader('Content-Type', 'application/json');
      res.end(JSON.stringify({ url: req.url, key: req.headers['x-tide-key'] === 'the-tide-key' }));
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    gateway = await startTestGateway({
      TOLLGATE_CATALOGUE: join(dir, 'generated'),
      TOLLGATE_UPSTREAM_TIDES: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'tides',
      TOLLGATE_CREDENTIAL_TIDES_KEY: 'the-tide-key',
    });
  });

  after(async () => {
    await gateway.close();
    upstream.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('appears in browse, is described, and can be called and paid for', async () => {
    const client = await gateway.client((await gateway.account('1')).apiKey);
    const found = await callTool(client, 'browse_apis', { query: 'high tide' });
    assert.equal((found.answer.items as Json[])[0]!.endpoint, 'tides/get-tides');
    const described = await callTool(client, 'describe_endpoint', { endpoint: 'tides/get-tides' });
    assert.deepEqual(Object.keys((described.answer.arguments as { properties: object }).properties), ['port', 'days']);
    const args = { port: 'Saint-Malo / quai', days: [1, 2] };
    const paid = await callTool(client, 'call_api', { endpoint: 'tides/get-tides', arguments: args });
    assert.deepEqual(paid.answer.body, { url: '/v1/tides/Saint-Malo%20%2F%20quai?days=1,2', key: true });
    assert.equal(paid.answer.charged, '0.001000');
  });
});
