import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { startSandbox, type Sandbox } from '../../runtime/sandbox/start-sandbox.js';
import { documentedFetch } from './documented-fetch.js';

/** Differs from its base64 and from its percent-encoded form. */
const KEY = 'k+/=%&:secret';

interface Echo {
  readonly method: string;
  readonly path: string;
  readonly rawQuery: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawHeaders: readonly (readonly [string, string])[];
  readonly cookies: Readonly<Record<string, string>>;
  readonly body: string;
  readonly bodyBase64: string;
}

describe('sandbox echo', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox({ port: 0, key: KEY });
  });
  after(() => sandbox.close());

  const echo = async (target: string, init?: RequestInit): Promise<Echo> =>
    (await documentedFetch(sandbox.url, target, init)).json as Echo;

  /** Sends the target as it is written: `fetch` would tidy it up. */
  const raw = async (target: string, headers: readonly string[] = []): Promise<Echo> => {
    const sent = request({ host: '127.0.0.1', port: sandbox.port, path: target, headers: [...headers, 'Host', 'x'] });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return JSON.parse(text) as Echo;
  };

  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
    it(`tells the method of a ${method}`, async () => {
      assert.equal((await echo('/echo', { method })).method, method);
    });
  }

  const paths = [
    '/echo/path/simple/blue',
    '/echo/path/simple/a%2Fb%3Fc%23d',
    '/echo/path/simple/..%2f..',
    '/echo/path/simple/%E0%A4%A',
    '/echo/path/simple/array/blue,black,brown',
    '/echo/path/simple/object/R,100,G,200',
    '/echo/path/simple/exploded/blue,black/R=100,G=200',
    '/echo/path/label/.blue',
    '/echo/path/label/array/.blue,black',
    '/echo/path/label/object/.R,100,G,200',
    '/echo/path/label/exploded/.blue.black/.R=100.G=200',
    '/echo/path/matrix/;value=blue',
    '/echo/path/matrix/array/;value=blue,black',
    '/echo/path/matrix/object/;value=R,100,G,200',
    '/echo/path/matrix/exploded/;array=blue;array=black/;R=100;G=200',
  ];
  for (const path of paths) {
    it(`tells the path ${path} undecoded`, async () => {
      assert.equal((await raw(path)).path, path);
      assert.equal((await echo(path)).path, path);
    });
  }

  it('tells the query undecoded', async () => {
    const query = 'text=a%20b+c&list=1&list=2&filter[status]=x&pipes=a|b&empty=&json=%7B%7D&?';
    assert.equal((await raw(`/echo/query?${query}`)).rawQuery, query);
    assert.equal((await raw('/echo/query')).rawQuery, '');
  });

  it('tells the headers in their order and letter case, and combined', async () => {
    const { headers, rawHeaders } = await raw('/echo/headers', ['X-List', 'a,b', 'x-list', 'c', 'X-Text', 'd']);
    assert.deepEqual(rawHeaders.slice(0, 3), [
      ['X-List', 'a,b'],
      ['x-list', 'c'],
      ['X-Text', 'd'],
    ]);
    assert.equal(headers['x-list'], 'a,b, c');
    assert.equal(headers['x-text'], 'd');
  });

  it('tells the cookies undecoded', async () => {
    const { cookies, headers } = await raw('/echo/cookies', ['Cookie', 'theme=dark%20blue; colours=a,b; visits=']);
    assert.deepEqual(cookies, { theme: 'dark%20blue', colours: 'a,b', visits: '' });
    assert.equal(headers.cookie, 'theme=dark%20blue; colours=a,b; visits=');
  });

  it('tells the body as text and byte for byte', async () => {
    const { body, bodyBase64 } = await echo('/echo', { method: 'POST', body: Buffer.from([0xc3, 0xa9, 0x00, 0xff]) });
    assert.equal(body, 'é\u0000\ufffd');
    assert.equal(bodyBase64, 'w6kA/w==');
  });

  it('tells one name in path, query, header, cookie and body apart', async () => {
    const told = await echo('/echo/same-name/a?name=b', {
      method: 'POST',
      headers: { name: 'c', cookie: 'name=d', 'content-type': 'application/json' },
      body: '{"name":"e"}',
    });
    assert.deepEqual(
      [told.path, told.rawQuery, told.headers.name, told.cookies.name, told.body],
      ['/echo/same-name/a', 'name=b', 'c', 'd', '{"name":"e"}'],
    );
  });

  describe('with the key somewhere in the request', () => {
    const encoded = encodeURIComponent(KEY);
    const base64 = Buffer.from(KEY).toString('base64');
    const unpadded = base64.replace(/=+$/, '');
    const basic = Buffer.from(`sandbox:${KEY}`).toString('base64');
    const send = (query: string): Promise<string> =>
      documentedFetch(sandbox.url, `/echo?text=${encoded}${query}`, {
        method: 'POST',
        headers: { authorization: `Basic ${basic}`, 'x-echo': KEY, cookie: `a=${base64}` },
        body: `the key is ${KEY}, or ${unpadded}`,
      }).then(({ text }) => text);

    it('masks it in every form', async () => {
      const text = await send('');
      for (const form of [KEY, encoded, base64, unpadded, basic]) {
        assert.ok(!text.includes(form), `${form} in ${text}`);
      }
      const told = JSON.parse(text) as Echo;
      assert.equal(told.rawQuery, 'text=[the sandbox key]');
      assert.equal(told.headers.authorization, 'Basic [the sandbox key]');
      assert.equal(told.headers['x-echo'], '[the sandbox key]');
      assert.equal(told.cookies.a, '[the sandbox key]');
      assert.equal(told.body, 'the key is [the sandbox key], or [the sandbox key]');
      assert.equal(Buffer.from(told.bodyBase64, 'base64').toString(), told.body);
    });

    it('lists it on demand', async () => {
      const told = JSON.parse(await send('&echo_key=true')) as Echo;
      assert.equal(told.headers['x-echo'], KEY);
      assert.equal(told.body, `the key is ${KEY}, or ${unpadded}`);
    });
  });
});
