import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';

import { callTool, type Json, type TestAccount } from '../fixtures/test-gateway.js';
import { startProvider, type Provider } from './a-provider.js';

const PATHS = `
  /events: { get: { operationId: events } }
  /metered: { post: { operationId: metered } }
  /plain: { get: { operationId: plain } }
`;
const SETTINGS = `
pricing:
  default: { model: per_call, amount: "0.001" }
  rules:
    - match: { operationId: metered }
      price: { model: per_unit, unit: token, amount: "0.001", per: 1, meter: "[].usage.tokens | [-1]", max: "0.05" }
charge: { on: [2xx], void_if: "[?error] | [0]" }
`;
const EVENTS = 'text/event-stream';

describe('a streamed answer', () => {
  let provider: Provider;
  let account: TestAccount;
  let client: Client;

  before(async () => {
    provider = await startProvider(PATHS, SETTINGS);
    account = await provider.gateway.account('1');
    client = await provider.gateway.client(account.apiKey);
  });

  after(() => provider.close());

  /** The upstream's answer of the next request, which a test writes by itself. */
  function nextAnswer(): Promise<ServerResponse> {
    return new Promise((resolve) => provider.answer((_, response) => resolve(response)));
  }
  const post = (body: unknown, signal?: AbortSignal) =>
    fetch(`${provider.gateway.url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${account.apiKey}`,
      },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  const request = (operation: string, meta: Json = {}) => ({
    jsonrpc: '2.0',
    id: 7,
    method: 'tools/call',
    params: { name: 'call_api', arguments: { endpoint: `acme/${operation}` }, _meta: meta },
  });
  const newestCall = async () => ((await callTool(client, 'get_usage', {})).answer.rows as Json[])[0]!;
  async function settled(): Promise<Json> {
    for (;;) {
      const call = await newestCall();
      if (call.state !== 'held' && call.state !== 'dispatched') return call;
      await sleep(5);
    }
  }

  for (const [name, contentType, frame] of [
    ['server-sent events', EVENTS, (record: string) => `event: x\ndata: ${record}\n\n`],
    ['lines of JSON', 'application/x-ndjson', (record: string) => `${record}\n`],
  ] as const) {
    it(`of ${name} is passed on as progress while it arrives, and comes whole at its end`, async () => {
      const progress: Progress[] = [];
      let tell: () => void;
      const told = () => new Promise<void>((resolve) => (tell = resolve));
      const answering = nextAnswer();
      const params = { name: 'call_api', arguments: { endpoint: 'acme/events' } };
      const result = client.callTool(params, undefined, {
        onprogress: (update) => {
          progress.push(update);
          tell();
        },
      });
      const upstream = await answering;
      upstream.setHeader('content-type', contentType);
      for (const record of ['{"n":1}', '{"n":2}', '{"n":3}']) {
        const arrived = told();
        upstream.write(frame(record));
        await arrived;
      }
      upstream.end();
      const { structuredContent, isError } = await result;
      assert.notEqual(isError, true, JSON.stringify(structuredContent));
      const { body, charged } = structuredContent as Json;
      assert.deepEqual(
        progress.map(({ progress, message }) => [progress, message]),
        [
          [1, '{"n":1}'],
          [2, '{"n":2}'],
          [3, '{"n":3}'],
        ],
      );
      assert.equal(body, ['{"n":1}', '{"n":2}', '{"n":3}'].map(frame).join(''));
      assert.equal(charged, '0.001000');
    });
  }

  it('is metered when it ends, by the list of its records', async () => {
    provider.answer((_, response) => {
      response.setHeader('content-type', EVENTS);
      response.end('data: {"text":"a"}\n\ndata: {"text":"b","usage":{"tokens":12}}\n\ndata: [DONE]\n\n');
    });
    const { answer } = await callTool(client, 'call_api', { endpoint: 'acme/metered', select: '[].text' });
    assert.equal(answer.charged, '0.012000', JSON.stringify(answer));
    assert.deepEqual(answer.body, ['a', 'b']);
  });

  it('is void where one of its records says so', async () => {
    provider.answer((_, response) => {
      response.setHeader('content-type', EVENTS).end('data: {"text":"a"}\n\ndata: {"error":"overloaded"}\n\n');
    });
    const { answer } = await callTool(client, 'call_api', { endpoint: 'acme/metered' });
    assert.deepEqual([answer.code, answer.charged], ['UPSTREAM_VOIDED', '0.000000']);
  });

  it('that is cut off costs nothing, is not begun anew, and what came of it is told', async () => {
    provider.answer((_, response) => {
      response.setHeader('content-type', EVENTS);
      response.write('data: {"text":"a"}\n\n', () => response.destroy());
    });
    const { isError, answer } = await callTool(client, 'call_api', { endpoint: 'acme/events' });
    assert.equal(isError, true);
    assert.deepEqual(
      [answer.code, answer.charged, answer.body],
      ['UPSTREAM_ANSWER_INVALID', '0.000000', 'data: {"text":"a"}\n\n'],
    );
    assert.equal((await newestCall()).reason, 'upstream_truncated');
    assert.equal(provider.received.length, 1);
  });

  it('that is cut off within an encoding is not told: nobody could read it', async () => {
    provider.answer((_, response) => {
      response.writeHead(200, { 'content-type': EVENTS, 'content-encoding': 'gzip' });
      response.write(gzipSync('data: {"text":"a"}\n\n').subarray(0, 20), () => response.destroy());
    });
    const { answer } = await callTool(client, 'call_api', { endpoint: 'acme/events' });
    assert.deepEqual([answer.code, answer.charged, answer.body], ['UPSTREAM_ANSWER_INVALID', '0.000000', undefined]);
  });

  it('is JSON to whoever asks for no progress', async () => {
    provider.answer((_, response) => response.setHeader('content-type', EVENTS).end('data: 1\n\n'));
    const response = await post(request('events'));
    assert.equal(response.headers.get('content-type'), 'application/json');
    const { result } = (await response.json()) as { result: { structuredContent: Json } };
    assert.equal(result.structuredContent.body, 'data: 1\n\n');
  });

  it('that there is none of is JSON, whoever asks for progress', async () => {
    provider.answer((_, response) => response.setHeader('content-type', 'application/json').end('{"a":1}'));
    const response = await post(request('plain', { progressToken: 'p' }));
    assert.equal(response.headers.get('content-type'), 'application/json');
    const { result } = (await response.json()) as { result: { structuredContent: Json } };
    assert.deepEqual(result.structuredContent.body, { a: 1 });
  });

  it('is asked for without an encoding where progress is, and comes whole where it has one all the same', async () => {
    let asked: string | undefined;
    provider.answer((incoming, response) => {
      asked = incoming.headers['accept-encoding'];
      response.writeHead(200, { 'content-type': EVENTS, 'content-encoding': 'gzip' }).end(gzipSync('data: 1\n\n'));
    });
    const response = await post(request('events', { progressToken: 1 }));
    assert.equal(asked, 'identity');
    const { result } = (await response.json()) as { result: { structuredContent: Json } };
    assert.equal(result.structuredContent.body, 'data: 1\n\n');
  });

  it('goes on when its client leaves: it is charged, stored, and returned by its id', async () => {
    const answering = nextAnswer();
    const leaving = new AbortController();
    const response = post(request('events', { progressToken: 1 }), leaving.signal);
    const upstream = await answering;
    upstream.setHeader('content-type', EVENTS).write('data: 1\n\n');
    const reader = (await response).body!.getReader();
    await reader.read();
    leaving.abort();
    await assert.rejects(async () => {
      while (!(await reader.read()).done);
    });
    upstream.end('data: 2\n\n');
    const { request_id, state } = await settled();
    assert.equal(state, 'captured');
    const { answer } = await callTool(client, 'get_usage', { request_id });
    assert.equal(answer.body, 'data: 1\n\ndata: 2\n\n');
  });

  it('goes on when its client cancels it in another request, which reaches no session: it is charged and stored', async () => {
    const answering = nextAnswer();
    const leaving = new AbortController();
    // Its own call, also where it has not come out yet that the answer of the one before was fetched.
    const params = { name: 'call_api', arguments: { endpoint: 'acme/events', fresh: true } };
    const result = client.callTool(params, undefined, { signal: leaving.signal, onprogress: () => undefined });
    const upstream = await answering;
    leaving.abort('no longer of interest');
    await assert.rejects(result, /no longer of interest/);
    upstream.setHeader('content-type', EVENTS).end('data: 1\n\n');
    const { request_id, state } = await settled();
    assert.equal(state, 'captured');
    const { answer } = await callTool(client, 'get_usage', { request_id });
    assert.equal(answer.body, 'data: 1\n\n');
  });
});
