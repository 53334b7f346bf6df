import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { PACKAGE_ROOT } from '../../runtime/package-root.js';
import { writeCatalogue, type CatalogueOnDisk } from '../catalogue/a-catalogue.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { serve, type Served } from './run-command.js';

type Json = Record<string, unknown>;

/** A maintainer at work on `specs/` while agents call: what is dropped in, changed, broken and removed. */
describe('tollgate serve --watch', function () {
  this.timeout(180_000);
  let dir: string;
  let specs: string;
  let committed: CatalogueOnDisk;
  let upstream: Server;
  let base: string;
  /** Calls that the upstream keeps waiting. */
  const waiting: ServerResponse[] = [];
  let served: Served;
  let apiKey: string;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-watch-'));
    specs = join(dir, 'specs');
    mkdirSync(specs);
    upstream = createServer((req, res) => {
      if (req.url === '/slow') waiting.push(res);
      else res.setHeader('content-type', 'application/json').end(JSON.stringify({ path: req.url }));
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    // What was committed knows one provider whose document is gone, and none whose document is there.
    committed = writeCatalogue(['one']);
    write('first/openapi.yaml', documentOf(['/things', '/slow']));
    write('first/provider.yaml', priced('0.002'));
    const environment = { TOLLGATE_DATA_DIR: join(dir, 'data'), TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: '*,second' };
    served = await serve(environment, ['--watch', '--specs', specs, '--catalogue', committed.dir]);
    [, apiKey = ''] = /API key \(shown this once\): {2}(\S+)/.exec(served.greeting) ?? [];
  });
  after(async () => {
    served.signal('SIGKILL');
    await served.finished;
    upstream.closeAllConnections();
    upstream.close();
    committed.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  function write(file: string, text: string): void {
    mkdirSync(join(specs, file, '..'), { recursive: true });
    writeFileSync(join(specs, file), text);
  }

  function documentOf(paths: readonly string[], server = base): string {
    const operations = paths.map((path) => [
      path,
      { get: { summary: `Gets ${path}`, responses: { 200: { description: 'as it is' } } } },
    ]);
    return JSON.stringify({
      openapi: '3.1.0',
      info: { title: 'Things', version: '1' },
      servers: [{ url: server }],
      paths: Object.fromEntries(operations) as Json,
    });
  }

  function priced(amount: string): string {
    return `pricing:\n  default: { model: per_call, amount: "${amount}" }\n`;
  }

  const send = (path: string, args?: Json) => askPlainHttp(served.url + path, apiKey, args);
  const call = (endpoint: string, query = '') => send(`/v1/call/${endpoint}${query}`, {});
  const digestOf = ({ body }: { body: Json }) => ((body.receipt as Json).message as Json).catalogueDigest as string;

  /** Looks again and again until it is so. */
  async function until<Value>(look: () => Promise<Value | undefined | false>): Promise<Value> {
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      await sleep(50);
    }
  }
  const isServed = (endpoint: string) => until(async () => (await call(endpoint)).status === 200);
  const isTold = (text: RegExp) => until(async () => Promise.resolve(text.exec(served.errors()) ?? false));

  it('brings in what is different at the start: documents that were never generated, and that are gone', async () => {
    await isServed('first/get-things');
    assert.equal((await call('one/get')).status, 404);
    await isTold(/^watching .*specs: 2 endpoints of 1 providers$/m);
    await isTold(/^first: 2 endpoints, new$/m);
    await isTold(/^one is gone$/m);
  });

  it('serves a document that is dropped in: it can be browsed, described, and called for a receipt', async () => {
    const before = digestOf(await call('first/get-things'));
    const unmatched =
      'TOLLGATE_ALLOW_PRIVATE_UPSTREAMS names "second": the catalogue has no provider that this could be';
    assert.deepEqual((await send('/readyz')).body.warnings, [unmatched]);
    await until(async () => Promise.resolve(served.errors().includes(JSON.stringify(unmatched))));
    write('second.json', documentOf(['/zyzzogetons']));
    const page = await until(async () => {
      const { body } = await send('/v1/apis?query=zyzzogetons');
      return (body.items as Json[]).length > 0 && body;
    });
    assert.deepEqual(
      (page.items as Json[]).map(({ endpoint }) => endpoint),
      ['second/get-zyzzogetons'],
    );
    assert.equal((await send('/v1/apis/second/get-zyzzogetons')).status, 200);
    const answer = await call('second/get-zyzzogetons');
    assert.deepEqual([answer.status, answer.body.body], [200, { path: '/zyzzogetons' }]);
    assert.notEqual(digestOf(answer), before);
    assert.equal((await send('/readyz')).body.warnings, undefined);
  });

  it('takes on a price of provider.yaml, and keeps the one that was quoted', async () => {
    const { body: quoted } = await send('/v1/quotes', { endpoint: 'first/get-things', arguments: {} });
    const quote = quoted.quote as Json;
    write('first/provider.yaml', priced('0.005'));
    await until(async () => (await call('first/get-things')).body.charged === '0.005000');
    const { body } = await call('first/get-things', `?quote_id=${String(quote.quote_id)}`);
    assert.deepEqual([quote.max_charge, body.charged], ['0.002000', '0.002000']);
  });

  it('takes on what an overlay says', async () => {
    const overlay = {
      overlay: '1.0.0',
      info: { title: 'Renames', version: '1' },
      actions: [{ target: "$.paths['/things'].get", update: { operationId: 'listThings' } }],
    };
    write('first/overlay.yaml', JSON.stringify(overlay));
    await isServed('first/list-things');
    assert.equal((await call('first/get-things')).status, 404);
    rmSync(join(specs, 'first/overlay.yaml'));
    await isServed('first/get-things');
  });

  it('reports a broken document with its place and remedy, and serves on what it had', async () => {
    const before = digestOf(await call('second/get-zyzzogetons'));
    write('second.json', '{\n  "openapi": "3.1.0",\n  "info": {');
    await isTold(
      /^refused second: .+\n {2}at second\.json:3:\d+ \[[a-z-]+\]\n {2}→ .+\n {2}second is served as it was before/m,
    );
    assert.equal(digestOf(await call('second/get-zyzzogetons')), before);
    write('third.yaml', 'openapi: 3.1.0\ninfo: { title: Third, version: "1" }\npaths: 7\n');
    await isTold(/^refused third: [\s\S]+? {2}third is not served$/m);
    assert.equal(digestOf(await call('second/get-zyzzogetons')), before);
    write('second.json', documentOf(['/zyzzogetons', '/more']));
    await isServed('second/get-more');
    rmSync(join(specs, 'third.yaml'));
  });

  it('leaves a call that is under way the catalogue that it began with', async () => {
    const before = digestOf(await call('first/get-things'));
    const under = call('first/get-slow');
    await until(async () => Promise.resolve(waiting.length > 0));
    write('first/openapi.yaml', documentOf(['/things']));
    await until(async () => (await send('/v1/apis/first/get-slow')).status === 404);
    waiting.pop()!.setHeader('content-type', 'application/json').end('{"late":true}');
    const answer = await under;
    assert.deepEqual([answer.status, answer.body.body, answer.body.charged], [200, { late: true }, '0.005000']);
    assert.equal(digestOf(answer), before);
    assert.notEqual(digestOf(await call('first/get-things')), before);
  });

  it('drops a provider whose document is removed, and keeps its receipts and its usage', async () => {
    const { body } = await call('second/get-more');
    rmSync(join(specs, 'second.json'));
    await until(async () => (await call('second/get-more')).status === 404);
    const { receiptId } = (body.receipt as Json).message as { receiptId: string };
    assert.equal((await send(`/v1/receipts/${receiptId}`)).status, 200);
    assert.deepEqual((await send(`/v1/usage?request_id=${String(body.request_id)}`)).body.body, { path: '/more' });
    const { rows } = (await send('/v1/usage?group_by=provider')).body as { rows: Json[] };
    assert.ok(rows.some(({ provider, calls }) => provider === 'second' && calls !== 0));
  });

  it('comes to the last of fifty changes that follow at once', async () => {
    for (let count = 1; count <= 50; count++) write('many.json', documentOf(['/always', `/of-${count}`]));
    await isServed('many/get-of-50');
    for (const gone of [1, 25, 49]) assert.equal((await call(`many/get-of-${gone}`)).status, 404);
    assert.equal((await call('many/get-always')).status, 200);
  });

  it('gives a sandbox that is dropped in its upstream', async () => {
    cpSync(join(PACKAGE_ROOT, 'specs/sandbox'), join(specs, 'sandbox'), { recursive: true });
    const { body } = await until(async () => {
      const answer = await call('sandbox/get-report');
      return answer.status === 200 && answer;
    });
    assert.notEqual(body.body, null);
  });

  it('keeps one catalogue on the disk, the one that it serves', async () => {
    const watch = join(dir, 'data/watch');
    const [own = ''] = readdirSync(watch);
    await until(async () => Promise.resolve(readdirSync(join(watch, own)).length === 1));
  });

  it('stops at SIGTERM with its generator, and leaves nothing of it behind', async () => {
    served.signal('SIGTERM');
    const { code } = await served.finished;
    assert.equal(code, 0);
    assert.deepEqual(readdirSync(join(dir, 'data/watch')), []);
    assert.ok(existsSync(join(committed.dir, 'providers/one/descriptors.json')));
  });
});
