import assert from 'node:assert/strict';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { askPlainHttp } from '../fixtures/plain-http.js';
import { callTool, startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';

/** Hostile inputs 1, 2, 3, 7, 8 and 9 of a caller or an upstream, through the whole gateway and on the real wire. */
describe('a hostile caller', () => {
  let gateway: TestGateway;
  let client: Client;

  before(async () => {
    gateway = await startTestGateway();
    client = await gateway.client((await gateway.account('1')).apiKey);
  });

  after(() => gateway.close());

  const call = (endpoint: string, args: Json) => callTool(client, 'call_api', { endpoint, arguments: args });

  describe('cannot leave the path by an argument', () => {
    for (const [value, wire] of [
      ['a/b', '/echo/path/simple/a%2Fb'],
      ['a?b#c', '/echo/path/simple/a%3Fb%23c'],
      ['%2e%2e', '/echo/path/simple/%252e%252e'],
      ['..;/x', '/echo/path/simple/..%3B%2Fx'],
      ['//evil.example/', '/echo/path/simple/%2F%2Fevil.example%2F'],
      ['@evil.example', '/echo/path/simple/%40evil.example'],
      ['\\evil', '/echo/path/simple/%5Cevil'],
    ] as const) {
      it(`${value} is sent encoded`, async () => {
        const { isError, answer } = await call('sandbox/echo-path-simple', { value });
        assert.equal(isError, false, JSON.stringify(answer));
        assert.equal((answer.body as Json).path, wire);
      });
    }

    for (const value of ['.', '..']) {
      it(`${value} is refused, and nothing is sent`, async () => {
        const before = gateway.running.sandbox!.requests;
        const { isError, answer } = await call('sandbox/echo-path-simple', { value });
        assert.deepEqual([isError, answer.code, answer.charged], [true, 'INVALID_ARGUMENTS', '0.000000']);
        assert.equal(gateway.running.sandbox!.requests, before);
      });
    }
  });

  for (const [name, value] of [
    ['CR and LF', 'a\r\nX-Evil: 1'],
    ['LF', 'a\nb'],
    ['NUL', 'a\u0000b'],
  ] as const) {
    it(`cannot put ${name} into a header argument: refused before the hold`, async () => {
      const before = gateway.running.sandbox!.requests;
      const { isError, answer } = await call('sandbox/echo-headers', { 'X-Text': value });
      assert.deepEqual(
        [isError, answer.code, answer.charged],
        [true, 'INVALID_ARGUMENTS', '0.000000'],
        JSON.stringify(answer),
      );
      assert.match(answer.message as string, /control character/);
      assert.equal(gateway.running.sandbox!.requests, before);
    });
  }

  it('cannot name a header that the descriptor does not have', async () => {
    const { isError, answer } = await call('sandbox/echo-headers', { 'X-Forwarded-For': '127.0.0.1' });
    assert.deepEqual([isError, answer.code], [true, 'INVALID_ARGUMENTS']);
  });

  it('has none of its own HTTP headers passed on', async () => {
    const { apiKey } = await gateway.account('1');
    const own = { Cookie: 'session=1', 'X-Api-Key': 'mine', 'X-Forwarded-For': '10.0.0.1' };
    const answer = await askPlainHttp(`${gateway.url}/v1/call/sandbox/echo-get`, apiKey, {}, { headers: own });
    const { headers } = answer.body.body as { headers: Json };
    for (const name of ['authorization', 'cookie', 'x-api-key', 'x-forwarded-for']) {
      assert.equal(headers[name], undefined, name);
    }
    assert.ok(!JSON.stringify(headers).includes(apiKey));
  });

  for (const [endpoint, args] of [
    ['sandbox/secure-bearer', { Authorization: 'Bearer mine' }],
    ['sandbox/secure-header-key', { 'X-Sandbox-Key': 'mine' }],
    ['sandbox/secure-query-key', { sandbox_key: 'mine' }],
    ['sandbox/secure-cookie-key', { sandbox_key: 'mine' }],
  ] as const) {
    it(`cannot send a credential of its own to ${endpoint}: it is no argument`, async () => {
      const { isError, answer } = await call(endpoint, args);
      assert.deepEqual([isError, answer.code], [true, 'INVALID_ARGUMENTS']);
    });
  }
});

describe('the gateway’s credential', () => {
  let gateway: TestGateway;
  let client: Client;

  before(async () => {
    gateway = await startTestGateway();
    client = await gateway.client((await gateway.account('1')).apiKey);
  });

  after(() => gateway.close());

  const call = (endpoint: string, args: Json) => callTool(client, 'call_api', { endpoint, arguments: args });

  for (const endpoint of [
    'sandbox/secure-bearer',
    'sandbox/secure-header-key',
    'sandbox/secure-query-key',
    'sandbox/secure-cookie-key',
    'sandbox/secure-basic',
    'sandbox/secure-oauth',
    'sandbox/secure-both',
    'sandbox/secure-either',
    'sandbox/secure-inherited',
    'sandbox/secure-open',
  ]) {
    it(`is injected where ${endpoint} asks for it`, async () => {
      const { isError, answer } = await call(endpoint, {});
      assert.equal(isError, false, JSON.stringify(answer));
      assert.equal((answer.body as Json).ok, true);
    });
  }

  it('is redacted when an upstream repeats it, in every form, and the answer says so', async () => {
    const keyed = gateway.running.sandbox!.credential('TOLLGATE_CREDENTIAL_SANDBOX_BEARER')!.reveal();
    for (const endpoint of ['sandbox/secure-bearer', 'sandbox/secure-query-key', 'sandbox/secure-basic']) {
      const { isError, answer, content } = await call(endpoint, { echo_key: true });
      assert.equal(isError, false, JSON.stringify(answer));
      const all = JSON.stringify([answer, content]);
      for (const form of [
        keyed,
        Buffer.from(keyed).toString('base64'),
        Buffer.from(`sandbox:${keyed}`).toString('base64'),
      ]) {
        assert.ok(!all.includes(form), `${endpoint} leaked the key as ${form.slice(0, 4)}…`);
      }
      assert.match(all, /\[redacted\]/);
      assert.match((answer.warnings as string[])[0]!, /occurrences were redacted/);
    }
  });

  it('does not follow a redirect: a 3xx is the answer, and no second request is sent', async () => {
    const before = gateway.running.sandbox!.requests;
    const { answer } = await call('sandbox/fail', { mode: 'redirect', location: '/secure/echo' });
    assert.deepEqual([answer.status, answer.code], [302, 'UPSTREAM_ERROR']);
    assert.equal(gateway.running.sandbox!.requests, before + 1);
  });

  it('stands in no receipt, no usage and no description', async () => {
    const keyed = gateway.running.sandbox!.credential('TOLLGATE_CREDENTIAL_SANDBOX_BEARER')!.reveal();
    const paid = await call('sandbox/secure-header-key', { echo_key: true });
    const usage = await callTool(client, 'get_usage', { request_id: paid.answer.request_id });
    const described = await callTool(client, 'describe_endpoint', { endpoint: 'sandbox/secure-header-key' });
    assert.ok(!JSON.stringify([paid, usage, described]).includes(keyed));
  });
});

describe('an upstream at a private address', () => {
  for (const origin of [
    'http://127.0.0.1:9',
    'http://0x7f.1:9',
    'http://[::1]:9',
    'http://169.254.169.254',
    'https://localhost',
    'http://a.localhost.:9',
  ]) {
    it(`that stands in its url, as in ${origin}, is refused before anything is held, and on a dry run alike`, async () => {
      const gateway = await startTestGateway({ TOLLGATE_UPSTREAM_FRANKFURTER: origin });
      try {
        const client = await gateway.client((await gateway.account('1')).apiKey);
        const args = { endpoint: 'frankfurter/list-currencies' };
        const dry = await callTool(client, 'call_api', { ...args, dry_run: true });
        assert.deepEqual(
          [dry.isError, dry.answer.code],
          [true, 'UPSTREAM_ADDRESS_REFUSED'],
          JSON.stringify(dry.answer),
        );
        assert.match(dry.answer.message as string, /^frankfurter\/list-currencies: requests may not go to "[^"]+": /);
        assert.match(dry.answer.remedy as string, /TOLLGATE_ALLOW_PRIVATE_UPSTREAMS/);
        assert.deepEqual((await callTool(client, 'call_api', args)).answer, dry.answer);
        const { total } = (await callTool(client, 'get_usage', {})).answer;
        assert.deepEqual(total, { calls: 0, failures: 0, charged: '0.000000' });
      } finally {
        await gateway.close();
      }
    });
  }

  it('passes a dry run where its provider is allowed, or its name has yet to be looked up', async () => {
    const gateway = await startTestGateway({
      TOLLGATE_UPSTREAM_FRANKFURTER: 'http://127.0.0.1:9',
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'frankfurter',
    });
    try {
      const client = await gateway.client((await gateway.account('1')).apiKey);
      for (const [endpoint, args] of [
        ['frankfurter/list-currencies', {}],
        ['open-meteo/get-forecast', { latitude: 52.5, longitude: 13.4 }],
      ] as const) {
        const dry = await callTool(client, 'call_api', { endpoint, arguments: args, dry_run: true });
        assert.equal(dry.answer.dry_run, true, JSON.stringify(dry.answer));
      }
    } finally {
      await gateway.close();
    }
  });

  it('is refused unless the operator allows that provider by name', async () => {
    const gateway = await startTestGateway({ TOLLGATE_UPSTREAM_FRANKFURTER: 'http://127.0.0.1:9' });
    try {
      const { apiKey } = await gateway.account('1');
      const client = await gateway.client(apiKey);
      const { answer } = await callTool(client, 'call_api', { endpoint: 'frankfurter/list-currencies', arguments: {} });
      assert.deepEqual([answer.code, answer.charged], ['UPSTREAM_ADDRESS_REFUSED', '0.000000'], JSON.stringify(answer));
    } finally {
      await gateway.close();
    }
  });
});
