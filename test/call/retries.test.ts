import assert from 'node:assert/strict';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { systemClock } from '../../runtime/clock.js';
import { callTool, type Json } from '../fixtures/test-gateway.js';
import { startProvider, type Provider } from './a-provider.js';

const PATHS = `
  /things:
    get: { operationId: list }
    post: { operationId: make }
`;

describe('an upstream that fails in passing', () => {
  let provider: Provider;
  let client: Client;

  before(async () => {
    provider = await startProvider(PATHS, 'limits: { timeoutMs: 5000 }\n');
    client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
  });

  after(() => provider.close());

  const call = (operation: string) => callTool(client, 'call_api', { endpoint: `acme/${operation}` });
  const charged = async () => ((await callTool(client, 'get_usage', {})).answer.total as Json).charged;

  it('is asked again where it loses a GET, and paid once', async () => {
    const before = Number(await charged());
    provider.answer((request, response) => {
      if (provider.received.length < 3) request.socket.resetAndDestroy();
      else response.setHeader('content-type', 'application/json').end('{"ok":true}');
    });
    const { isError, answer } = await call('list');
    assert.equal(isError, false, JSON.stringify(answer));
    assert.deepEqual(answer.body, { ok: true });
    assert.deepEqual(answer.warnings, [
      'the request was sent 3 times, as answers were lost or asked for it; it is charged once',
    ]);
    assert.deepEqual(provider.received, ['GET /things', 'GET /things', 'GET /things']);
    assert.equal((Number(await charged()) - before).toFixed(6), '0.001000');
  });

  it('is asked three times at most, and costs nothing where it never answers', async () => {
    const before = await charged();
    provider.answer((request) => request.socket.resetAndDestroy());
    const { answer } = await call('list');
    assert.deepEqual([answer.code, answer.charged], ['UPSTREAM_UNREACHABLE', '0.000000']);
    assert.match(answer.message as string, /it was tried 3 times$/);
    assert.equal(provider.received.length, 3);
    assert.equal(await charged(), before);
  });

  it('is asked again after 503 with a short Retry-After', async () => {
    provider.answer((_, response) => {
      if (provider.received.length === 1) response.writeHead(503, { 'retry-after': '0' }).end();
      else response.end('well');
    });
    const { isError, answer } = await call('list');
    assert.equal(isError, false, JSON.stringify(answer));
    assert.equal(provider.received.length, 2);
  });

  it('has its last word told, with how often it was asked', async () => {
    provider.answer((_, response) => response.writeHead(429, { 'retry-after': '0' }).end());
    const { answer } = await call('list');
    assert.deepEqual([answer.code, answer.status, answer.attempts], ['UPSTREAM_ERROR', 429, 3]);
  });

  it('is not asked twice to make something', async () => {
    provider.answer((request) => request.socket.resetAndDestroy());
    const { answer } = await call('make');
    assert.deepEqual([answer.code, answer.retryable], ['UPSTREAM_UNREACHABLE', false]);
    assert.deepEqual(provider.received, ['POST /things']);
  });
});

describe('an upstream that limits the only key that there is', () => {
  it('is asked again with it after a short Retry-After', async () => {
    const keyed = await startProvider('\n  /things:\n    get: { operationId: list, security: [{ key: [] }] }\n', '', {
      securitySchemes: '{ key: { type: apiKey, in: header, name: x-key } }',
      environment: { TOLLGATE_CREDENTIAL_ACME_KEY: 'the-only-key' },
    });
    try {
      keyed.answer((_, response) => {
        if (keyed.received.length === 1) response.writeHead(429, { 'retry-after': '0' }).end();
        else response.end('well');
      });
      const client = await keyed.gateway.client((await keyed.gateway.account('1')).apiKey);
      const { isError, answer } = await callTool(client, 'call_api', { endpoint: 'acme/list' });
      assert.equal(isError, false, JSON.stringify(answer));
      assert.equal(keyed.received.length, 2);
    } finally {
      await keyed.close();
    }
  });
});

describe('limits.retries of provider.yaml', () => {
  const SETTINGS: readonly (readonly [retries: number, requests: number])[] = [
    [0, 1],
    [4, 5],
  ];
  for (const [retries, requests] of SETTINGS) {
    it(`is how often a safe call is sent again, which /metrics tells: ${retries}`, async () => {
      const provider = await startProvider(PATHS, `limits: { timeoutMs: 10000, retries: ${retries} }\n`);
      try {
        provider.answer((request) => request.socket.resetAndDestroy());
        const client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
        const { answer } = await callTool(client, 'call_api', { endpoint: 'acme/list' });
        assert.equal(answer.code, 'UPSTREAM_UNREACHABLE');
        assert.equal(provider.received.length, requests);
        const metrics = await (await fetch(`${provider.gateway.url}/metrics`)).text();
        const [, count] = /^tollgate_upstream_retries_total\{provider="acme"\} (\d+)$/m.exec(metrics) ?? [];
        assert.equal(Number(count ?? 0), retries);
      } finally {
        await provider.close();
      }
    });
  }
});

describe('a clock that is set back between two attempts', () => {
  it('gives the next one no more time than all of them have', async () => {
    let setBackMs = 0;
    const clock = { ...systemClock, nowMs: () => Date.now() - setBackMs };
    const provider = await startProvider(PATHS, 'limits: { timeoutMs: 400 }\n', { options: { clock } });
    try {
      provider.answer((request) => {
        if (provider.received.length > 1) return;
        setBackMs = 3_600_000;
        request.socket.resetAndDestroy();
      });
      const client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
      const { answer } = await callTool(client, 'call_api', { endpoint: 'acme/list' });
      assert.equal(answer.code, 'UPSTREAM_TIMEOUT');
      assert.equal(provider.received.length, 2);
    } finally {
      await provider.close();
    }
  });
});

describe('the time of all attempts together', () => {
  /** A clock that stands still, but for what the upstream's first answer takes. */
  async function callWhose(firstTakesMs: number): Promise<{ readonly answer: Json; readonly requests: number }> {
    let nowMs = systemClock.nowMs();
    const clock = { ...systemClock, nowMs: () => nowMs };
    const provider = await startProvider(PATHS, 'limits: { timeoutMs: 15000 }\n', { options: { clock } });
    try {
      provider.answer((_, response) => {
        if (provider.received.length > 1) return;
        nowMs += firstTakesMs;
        response.writeHead(503, { 'retry-after': '0' }).end();
      });
      const client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
      const { answer } = await callTool(client, 'call_api', { endpoint: 'acme/list' });
      return { answer, requests: provider.received.length };
    } finally {
      await provider.close();
    }
  }

  it('is timeoutMs: a later one has what the others have left', async () => {
    const { answer, requests } = await callWhose(14_700);
    assert.equal(answer.message, 'acme/list: the upstream took longer than 300 ms; it was tried 2 times');
    assert.equal(requests, 2);
  });

  it('has none left for another one where the first took it all: its answer is told', async () => {
    const { answer, requests } = await callWhose(15_000);
    assert.deepEqual([answer.code, answer.status, answer.attempts], ['UPSTREAM_ERROR', 503, undefined]);
    assert.equal(requests, 1);
  });
});
