import assert from 'node:assert/strict';
import { startSandbox, type Sandbox } from '../../runtime/sandbox/start-sandbox.js';
import { documentedFetch, type Answer } from './documented-fetch.js';

const KEY = 'k+/=%&:secret';
const ENCODED = encodeURIComponent(KEY);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Credentials {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: string;
}

describe('sandbox security', () => {
  let sandbox: Sandbox;
  let nowMs = 0;
  before(async () => {
    sandbox = await startSandbox({ port: 0, key: KEY, nowMs: () => nowMs });
  });
  after(() => sandbox.close());

  const enter = (path: string, { headers = {}, query = '' }: Credentials): Promise<Answer> =>
    documentedFetch(sandbox.url, `/secure/${path}?${query}`, { headers });

  const right: [string, string, Credentials, string][] = [
    ['a bearer token', 'bearer', { headers: { authorization: `Bearer ${KEY}` } }, 'bearer'],
    ['a header', 'header-key', { headers: { 'x-sandbox-key': KEY } }, 'headerKey'],
    ['the query', 'query-key', { query: `sandbox_key=${ENCODED}` }, 'queryKey'],
    ['a cookie', 'cookie-key', { headers: { cookie: `a=b; sandbox_key=${ENCODED}` } }, 'cookieKey'],
    ['Basic credentials', 'basic', { headers: { authorization: `Basic ${base64(`sandbox:${KEY}`)}` } }, 'basic'],
    [
      'header and query',
      'both',
      { headers: { 'x-sandbox-key': KEY }, query: `sandbox_key=${ENCODED}` },
      'headerKey+queryKey',
    ],
    ['either, the token', 'either', { headers: { authorization: `Bearer ${KEY}` } }, 'bearer'],
    ['either, the header', 'either', { headers: { 'x-sandbox-key': KEY } }, 'headerKey'],
    ['the way of the document', 'inherited', { headers: { authorization: `Bearer ${KEY}` } }, 'bearer'],
    ['nothing at all', 'open', {}, 'none'],
  ];
  for (const [name, path, credentials, scheme] of right) {
    it(`lets in the right key in ${name}`, async () => {
      const { status, json } = await enter(path, credentials);
      assert.equal(status, 200);
      assert.deepEqual(json, { ok: true, scheme });
    });
  }

  const wrong: [string, string, Credentials][] = [
    ['no bearer token', 'bearer', {}],
    ['another bearer token', 'bearer', { headers: { authorization: `Bearer ${KEY}x` } }],
    ['the key as another scheme', 'bearer', { headers: { authorization: `Token ${KEY}` } }],
    ['the key in another header', 'header-key', { headers: { authorization: `Bearer ${KEY}` } }],
    ['an empty header', 'header-key', { headers: { 'x-sandbox-key': '' } }],
    ['another key in the query', 'query-key', { query: 'sandbox_key=guess' }],
    ['a key of another name in the query', 'query-key', { query: `key=${ENCODED}` }],
    ['another cookie', 'cookie-key', { headers: { cookie: `session=${ENCODED}` } }],
    ['a malformed cookie', 'cookie-key', { headers: { cookie: 'sandbox_key=%E0%A4%A' } }],
    ['another user', 'basic', { headers: { authorization: `Basic ${base64(`root:${KEY}`)}` } }],
    ['a Basic password that is empty', 'basic', { headers: { authorization: `Basic ${base64('sandbox:')}` } }],
    ['Basic credentials that are none', 'basic', { headers: { authorization: 'Basic !' } }],
    ['the header alone of both', 'both', { headers: { 'x-sandbox-key': KEY } }],
    ['the query alone of both', 'both', { query: `sandbox_key=${ENCODED}` }],
    ['neither of either', 'either', { query: `sandbox_key=${ENCODED}` }],
    ['nothing where the document asks', 'inherited', {}],
    ['the key where an access token is asked for', 'oauth', { headers: { authorization: `Bearer ${KEY}` } }],
    ['two of three credentials', 'echo', { headers: { 'x-sandbox-key': KEY }, query: `sandbox_key=${ENCODED}` }],
  ];
  for (const [name, path, credentials] of wrong) {
    it(`answers 401 to ${name}`, async () => {
      const { status, headers, contentType } = await enter(path, credentials);
      assert.equal(status, 401);
      assert.equal(contentType, 'application/problem+json');
      assert.match(headers.get('www-authenticate') ?? '', /^(Bearer|Basic|ApiKey) realm="sandbox"$/);
    });
  }

  const forms = { raw: 'k+/=%&:secret', base64: 'aysvPSUmOnNlY3JldA==', url_encoded: 'k%2B%2F%3D%25%26%3Asecret' };
  for (const [name, path, { headers, query = '' }] of right.slice(0, 6)) {
    it(`repeats on demand the key that came in ${name}, in body and header`, async () => {
      const answer = await enter(path, { query: `${query}&echo_key=true`, ...(headers && { headers }) });
      assert.deepEqual((answer.json as { key: unknown }).key, forms);
      assert.equal(answer.headers.get('x-echoed-key'), `${forms.raw} ${forms.base64} ${forms.url_encoded}`);
    });
  }

  it('echoes a request that carries the key three times, masked', async () => {
    const { json } = await enter('echo', {
      headers: { 'x-sandbox-key': KEY, cookie: `sandbox_key=${ENCODED}` },
      query: `text=hello&sandbox_key=${ENCODED}`,
    });
    const { rawQuery, headers, cookies } = json as Record<string, unknown> & { headers: Record<string, string> };
    assert.equal(rawQuery, 'text=hello&sandbox_key=[the sandbox key]');
    assert.equal(headers['x-sandbox-key'], '[the sandbox key]');
    assert.deepEqual(cookies, { sandbox_key: '[the sandbox key]' });
  });

  describe('oauth', () => {
    const requestToken = (form: Record<string, string>, authorization?: string): Promise<Answer> =>
      documentedFetch(sandbox.url, '/oauth/token', {
        method: 'POST',
        body: new URLSearchParams(form),
        headers: authorization ? { authorization } : {},
      });
    const inBody = { grant_type: 'client_credentials', client_id: 'sandbox', client_secret: KEY };
    const newToken = async (): Promise<string> =>
      ((await requestToken(inBody)).json as { access_token: string }).access_token;
    const enterWith = async (token: string): Promise<number> =>
      (await enter('oauth', { headers: { authorization: `Bearer ${token}` } })).status;

    it('issues a token to a client in the body', async () => {
      const { status, json, headers } = await requestToken({ ...inBody, scope: 'read' });
      assert.equal(status, 200);
      assert.equal(headers.get('cache-control'), 'no-store');
      const { access_token: token, ...rest } = json as { access_token: string };
      assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 60, scope: 'read' });
      assert.equal(await enterWith(token), 200);
    });

    it('issues a token to a client as HTTP Basic, form-encoded as the RFC asks', async () => {
      const authorization = `Basic ${base64(`sandbox:${ENCODED}`)}`;
      assert.equal((await requestToken({ grant_type: 'client_credentials' }, authorization)).status, 200);
    });

    it('ends a token after 60 seconds', async () => {
      const token = await newToken();
      nowMs += 59_999;
      assert.equal(await enterWith(token), 200);
      nowMs += 1;
      assert.equal(await enterWith(token), 401);
    });

    it('ends every token on demand of the holder of the key', async () => {
      const token = await newToken();
      const revoke = (headers: Record<string, string>): Promise<Answer> =>
        documentedFetch(sandbox.url, '/oauth/tokens', { method: 'DELETE', headers });
      assert.equal((await revoke({})).status, 401);
      assert.equal(await enterWith(token), 200);
      assert.ok(((await revoke({ 'x-sandbox-key': KEY })).json as { revoked: number }).revoked >= 1);
      assert.equal(await enterWith(token), 401);
      assert.equal(await enterWith(await newToken()), 200);
    });

    const refused: [string, Record<string, string>, number, string][] = [
      ['a wrong secret', { ...inBody, client_secret: 'guess' }, 401, 'invalid_client'],
      ['another client', { ...inBody, client_id: 'root' }, 401, 'invalid_client'],
      ['another grant', { ...inBody, grant_type: 'password' }, 400, 'unsupported_grant_type'],
      ['no grant', { client_id: 'sandbox', client_secret: KEY }, 400, 'invalid_request'],
      ['an unknown scope', { ...inBody, scope: 'read write' }, 400, 'invalid_scope'],
    ];
    for (const [name, form, status, error] of refused) {
      it(`refuses ${name}`, async () => {
        const answer = await requestToken(form);
        assert.equal(answer.status, status);
        assert.equal((answer.json as { error: string }).error, error);
      });
    }
  });
});
