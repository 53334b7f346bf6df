import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { OutgoingHttpHeaders } from 'node:http';

import { Ajv2020 } from 'ajv/dist/2020.js';

import type { WaitingClient } from '../../runtime/call/waiting-client.js';
import { GatewayError } from '../../runtime/gateway-error.js';
import { openApiDocument } from '../../runtime/http/openapi.js';
import { refusedUnread } from '../../runtime/mcp/answer-self-described.js';
import type { JsonObject } from '../../runtime/mcp/tool.js';
import type { ToolOutcome } from '../../runtime/mcp/toolbox.js';
import { startMcpServer, type McpServer } from './mcp-server.js';

const OUTCOMES: Readonly<Record<string, ToolOutcome>> = {
  answers: { ok: true, answer: { structured: { text: 'a "quoted" line\n' } } },
  'värmer 世界': { ok: true, answer: { structured: { warm: true } } },
  '=?base64?literal?=': { ok: true, answer: { structured: { literal: true } } },
  fails: { ok: false, error: new GatewayError('INSUFFICIENT_FUNDS', 'too little', 'add some') },
};
const NO_TOOL: ToolOutcome = {
  ok: false,
  error: new GatewayError('TOOL_NOT_FOUND', 'there is no tool "x"', 'the tools are answers, fails'),
};

const VERSION = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const META = {
  [VERSION]: '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' },
  [CAPABILITIES]: {},
};
const request = (method: unknown, params: object = {}, meta: unknown = META, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  params: { ...params, _meta: meta },
});
const call = (name: unknown, args?: unknown) => request('tools/call', { name, arguments: args });
/** What a client of this revision sends with a request. */
const headersOf = (body: unknown): OutgoingHttpHeaders => {
  const { method, params } = body as { method?: unknown; params?: { name?: unknown } };
  const name = method === 'tools/call' ? params?.name : undefined;
  return {
    'MCP-Protocol-Version': '2026-07-28',
    'Mcp-Method': typeof method === 'string' && method !== '' ? method : undefined,
    'Mcp-Name': typeof name === 'string' ? name : undefined,
  };
};

const SERVER = { 'io.modelcontextprotocol/serverInfo': { name: 'tollgate', title: 'Tollgate', version: '0.1.0' } };
const failed = (code: number, message: string, more: { id?: unknown; data?: unknown } = { id: 1 }) => ({
  jsonrpc: '2.0',
  error: { code, message, ...(more.data === undefined ? {} : { data: more.data }) },
  ...('id' in more ? { id: more.id } : {}),
});
const answered = (structuredContent: object, more: object = {}, id: unknown = 1) => ({
  jsonrpc: '2.0',
  id,
  result: {
    resultType: 'complete',
    _meta: SERVER,
    content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
    structuredContent,
    ...more,
  },
});

const ANSWERED = [200, answered({ text: 'a "quoted" line\n' })] as const;
const NO_METHOD = [404, failed(-32601, 'Method not found')] as const;
const NO_MESSAGE_WORDS = 'Invalid Request: the body is neither a JSON-RPC request nor a notification';
const NO_MESSAGE = [400, failed(-32600, NO_MESSAGE_WORDS, {})] as const;
const NO_BATCHES = [
  400,
  failed(-32600, 'Invalid Request: MCP 2026-07-28 has no batches; send one message a request', {}),
] as const;
const invalid = (words: string) => [400, failed(-32602, `Invalid params: ${words}`)] as const;
const invalidInMethod = (words: string) => [200, failed(-32602, `Invalid params: ${words}`)] as const;
const mismatch = (words: string) => [400, failed(-32020, `Header mismatch: ${words}; send the same in both`)] as const;
const SUPPORTED = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'];
const unsupported = (requested: string) =>
  [
    400,
    failed(-32022, `Unsupported protocol version: ${requested}`, { id: 1, data: { supported: SUPPORTED, requested } }),
  ] as const;
const TAKEN = [202, undefined] as const;
/** As an older client is answered. */
const pong = [200, { jsonrpc: '2.0', id: 1, result: {} }] as const;

type Row = readonly [
  name: string,
  sent: unknown,
  want: readonly [status: number, body: unknown],
  /** Beside those that its client sends, or in place of them. */
  headers?: OutgoingHttpHeaders,
];

const ROWS: readonly Row[] = [
  // Results.
  ['a call', call('answers', { a: 1 }), ANSWERED],
  ['a call without arguments', call('answers'), ANSWERED],
  [
    'a call that fails',
    call('fails'),
    [
      200,
      answered(
        {
          code: 'INSUFFICIENT_FUNDS',
          message: 'too little',
          remedy: 'add some',
          retryable: false,
          charged: '0.000000',
        },
        { isError: true },
      ),
    ],
  ],
  [
    'a call of no tool',
    call('x'),
    [200, failed(-32602, 'there is no tool "x"', { id: 1, data: NO_TOOL.ok ? undefined : NO_TOOL.error.toBody() })],
  ],
  [
    'an id that is text',
    request('tools/call', { name: 'answers' }, META, 'a'),
    [200, answered({ text: 'a "quoted" line\n' }, {}, 'a')],
  ],
  [
    'an id of 0',
    request('tools/call', { name: 'answers' }, META, 0),
    [200, answered({ text: 'a "quoted" line\n' }, {}, 0)],
  ],
  [
    'a client that does not say who it is',
    request('tools/call', { name: 'answers' }, { [VERSION]: '2026-07-28', [CAPABILITIES]: { elicitation: {} } }),
    ANSWERED,
  ],
  [
    'what is not used here, whatever it is',
    request(
      'tools/call',
      { name: 'answers', inputResponses: { a: 1 }, requestState: 's', task: 5 },
      { ...META, 'io.modelcontextprotocol/logLevel': 'debug', traceparent: 5 },
    ),
    ANSWERED,
  ],
  ['a session that there is not', call('answers'), ANSWERED, { 'mcp-session-id': 'a', 'last-event-id': '1' }],
  // What each request has to say.
  [
    'no params',
    { jsonrpc: '2.0', id: 1, method: 'server/discover' },
    invalid('params._meta is missing, and has to be an object'),
  ],
  ['_meta that is a list', request('server/discover', {}, []), invalid('params._meta has to be an object')],
  [
    '_meta without a version',
    request('server/discover', {}, { ...META, [VERSION]: undefined }),
    invalid('params._meta["io.modelcontextprotocol/protocolVersion"] is missing, and has to be a text'),
  ],
  [
    'a version that is a number',
    request('server/discover', {}, { ...META, [VERSION]: 20260728 }),
    invalid('params._meta["io.modelcontextprotocol/protocolVersion"] has to be a text'),
  ],
  [
    '_meta without capabilities',
    request('server/discover', {}, { ...META, [CAPABILITIES]: undefined }),
    invalid('params._meta["io.modelcontextprotocol/clientCapabilities"] is missing, and has to be an object'),
  ],
  [
    'capabilities that are null',
    request('server/discover', {}, { ...META, [CAPABILITIES]: null }),
    invalid('params._meta["io.modelcontextprotocol/clientCapabilities"] has to be an object'),
  ],
  [
    'a progress token that is an object',
    request('tools/call', { name: 'answers' }, { ...META, progressToken: {} }),
    invalid('params._meta.progressToken has to be a text or a whole number'),
  ],
  [
    'a progress token that no number holds',
    JSON.stringify(request('tools/call', { name: 'answers' }, { ...META, progressToken: 7 })).replace(':7', ':1e400'),
    invalid('params._meta.progressToken has to be a text or a whole number'),
    headersOf(call('answers')),
  ],
  // Versions.
  [
    'a version to come',
    request('server/discover', {}, { ...META, [VERSION]: '2099-01-01' }),
    unsupported('2099-01-01'),
    { 'mcp-protocol-version': '2099-01-01' },
  ],
  [
    'a version to come that has other things to say',
    request('server/discover', {}, { [VERSION]: '2099-01-01' }),
    unsupported('2099-01-01'),
    { 'mcp-protocol-version': undefined, 'mcp-method': undefined },
  ],
  [
    'an empty version',
    request('server/discover', {}, { ...META, [VERSION]: '' }),
    unsupported(''),
    { 'mcp-protocol-version': '' },
  ],
  // Headers.
  [
    'another version in the header',
    request('server/discover'),
    mismatch(
      'MCP-Protocol-Version is "2025-11-25", and params._meta["io.modelcontextprotocol/protocolVersion"] is "2026-07-28"',
    ),
    { 'mcp-protocol-version': '2025-11-25' },
  ],
  [
    'another version in _meta',
    request('server/discover', {}, { ...META, [VERSION]: '2099-01-01' }),
    mismatch(
      'MCP-Protocol-Version is "2026-07-28", and params._meta["io.modelcontextprotocol/protocolVersion"] is "2099-01-01"',
    ),
  ],
  [
    'an older version in _meta',
    request('server/discover', {}, { ...META, [VERSION]: '2025-11-25' }),
    mismatch(
      'MCP-Protocol-Version is "2026-07-28", and params._meta["io.modelcontextprotocol/protocolVersion"] is "2025-11-25"',
    ),
  ],
  [
    'no version in the header',
    request('server/discover'),
    mismatch(
      'MCP-Protocol-Version is missing, and params._meta["io.modelcontextprotocol/protocolVersion"] is "2026-07-28"',
    ),
    { 'mcp-protocol-version': undefined },
  ],
  [
    'the version twice in the header',
    request('server/discover'),
    mismatch(
      'MCP-Protocol-Version is "2026-07-28, 2026-07-28", and params._meta["io.modelcontextprotocol/protocolVersion"] is "2026-07-28"',
    ),
    { 'mcp-protocol-version': ['2026-07-28', '2026-07-28'] },
  ],
  [
    'no method in a header',
    call('answers'),
    mismatch('Mcp-Method is missing, and method is "tools/call"'),
    { 'mcp-method': undefined },
  ],
  [
    'another method in the header',
    call('answers'),
    mismatch('Mcp-Method is "tools/list", and method is "tools/call"'),
    { 'mcp-method': 'tools/list' },
  ],
  [
    'the method in capitals',
    call('answers'),
    mismatch('Mcp-Method is "TOOLS/CALL", and method is "tools/call"'),
    { 'mcp-method': 'TOOLS/CALL' },
  ],
  [
    'two methods in the header',
    call('answers'),
    mismatch('Mcp-Method is "tools/call, tools/list", and method is "tools/call"'),
    { 'mcp-method': ['tools/call', 'tools/list'] },
  ],
  [
    'no name in a header',
    call('answers'),
    mismatch('Mcp-Name is missing, and params.name is "answers"'),
    { 'mcp-name': undefined },
  ],
  [
    'another name in the header',
    call('answers'),
    mismatch('Mcp-Name is "fails", and params.name is "answers"'),
    { 'mcp-name': 'fails' },
  ],
  ['a name with space around it', call('answers'), ANSWERED, { 'mcp-name': ' \t answers ' }],
  ['a name in Base64', call('answers'), ANSWERED, { 'mcp-name': '=?base64?YW5zd2Vycw==?=' }],
  [
    'a name beyond ASCII, in Base64',
    call('värmer 世界'),
    [200, answered({ warm: true })],
    { 'mcp-name': '=?base64?dsOkcm1lciDkuJbnlYw=?=' },
  ],
  [
    'a name that looks like Base64, in Base64',
    call('=?base64?literal?='),
    [200, answered({ literal: true })],
    { 'mcp-name': '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=' },
  ],
  [
    'a name that looks like Base64, as it is',
    call('=?base64?literal?='),
    mismatch('Mcp-Name is "=?base64?literal?=", and params.name is "=?base64?literal?="'),
  ],
  [
    'a name in Base64 without its padding',
    call('answers'),
    mismatch('Mcp-Name is "=?base64?YW5zd2Vycw?=", and params.name is "answers"'),
    { 'mcp-name': '=?base64?YW5zd2Vycw?=' },
  ],
  [
    'a name in Base64 that is no UTF-8',
    call('\ufffd'),
    mismatch('Mcp-Name is "=?base64?/w==?=", and params.name is "\ufffd"'),
    { 'mcp-name': '=?base64?/w==?=' },
  ],
  [
    'a name beyond ASCII, as it is',
    call('é'),
    mismatch('Mcp-Name is "é", and params.name is "é"'),
    { 'mcp-name': 'é' },
  ],
  // Methods.
  ...[
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/list',
    'prompts/get',
    'subscriptions/listen',
    'tasks/get',
    'toString',
    '__proto__',
  ].map((method): Row => [`the method ${method}`, request(method), NO_METHOD]),
  ['a method without a name', request(''), NO_METHOD, { 'mcp-method': '' }],
  [
    'a cursor that nobody gave out',
    request('tools/list', { cursor: 'x' }),
    invalidInMethod('there is no cursor "x"; all tools are on one page'),
  ],
  [
    'a long cursor',
    request('tools/list', { cursor: 'x'.repeat(200) }),
    invalidInMethod(`there is no cursor "${'x'.repeat(79)}; all tools are on one page`),
  ],
  [
    'a cursor that is null',
    request('tools/list', { cursor: null }),
    invalidInMethod('there is no cursor null; all tools are on one page'),
  ],
  ['a call of nothing', request('tools/call'), invalidInMethod('params.name has to be a text')],
  ['a call whose arguments are a list', call('answers', []), invalidInMethod('params.arguments has to be an object')],
  ['a call whose arguments are null', call('answers', null), invalidInMethod('params.arguments has to be an object')],
  // Messages.
  ['nothing', '', [400, failed(-32700, 'Parse error: Invalid JSON', {})]],
  ['null', 'null', NO_MESSAGE],
  ['a number', '7', NO_MESSAGE],
  ['an object that is no message', {}, NO_MESSAGE],
  ['another version of JSON-RPC', { ...call('answers'), jsonrpc: '1.0' }, [400, failed(-32600, NO_MESSAGE_WORDS)]],
  ['a member too many', { ...call('answers'), extra: 1 }, [400, failed(-32600, NO_MESSAGE_WORDS)]],
  ['params that are a list', { ...call('answers'), params: [] }, [400, failed(-32600, NO_MESSAGE_WORDS)]],
  ['a method that is a number', request(5), [400, failed(-32600, NO_MESSAGE_WORDS)]],
  ['an id of null', request('tools/call', { name: 'answers' }, META, null), NO_MESSAGE],
  ['an id with a fraction', request('tools/call', { name: 'answers' }, META, 1.5), NO_MESSAGE],
  ['a response', { jsonrpc: '2.0', id: 1, result: {} }, [400, failed(-32600, NO_MESSAGE_WORDS)]],
  ['a batch', [call('answers')], NO_BATCHES],
  ['an empty batch', [], NO_BATCHES],
  [
    'a batch, by its _meta alone',
    [{ jsonrpc: '2.0', id: 1, method: 'ping' }, call('answers')],
    NO_BATCHES,
    { 'mcp-protocol-version': undefined },
  ],
  ['a notification', { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, TAKEN],
  ['a call as a notification', { ...call('answers'), id: undefined }, TAKEN],
  // Headers of every revision.
  [
    'Accept of JSON alone',
    call('answers'),
    [406, failed(-32600, 'Not Acceptable: Client must accept both application/json and text/event-stream', {})],
    { accept: 'application/json' },
  ],
  [
    'another content type',
    call('answers'),
    [415, failed(-32600, 'Unsupported Media Type: Content-Type must be application/json', {})],
    { 'content-type': 'text/plain' },
  ],
  // What is of an older revision.
  [
    'the version of an older client in the header, and nothing in _meta',
    { jsonrpc: '2.0', id: 1, method: 'ping' },
    pong,
    { 'mcp-protocol-version': '2025-11-25', 'mcp-method': undefined },
  ],
  [
    'an older version in _meta too',
    request('ping', {}, { ...META, [VERSION]: '2025-11-25' }),
    pong,
    { 'mcp-protocol-version': '2025-11-25', 'mcp-method': undefined },
  ],
  [
    'an older client that sends _meta of its own',
    { jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: { progressToken: 1, [CAPABILITIES]: {} } } },
    pong,
    { 'mcp-protocol-version': undefined },
  ],
];

describe('a POST of MCP 2026-07-28', () => {
  let server: McpServer;
  let ran: (readonly [tool: string, input: JsonObject])[];
  before(async () => {
    server = await startMcpServer((tool, input, _client, progress) => {
      assert.equal(progress, undefined);
      ran.push([tool, input]);
      return Promise.resolve(OUTCOMES[tool] ?? NO_TOOL);
    });
  });
  beforeEach(() => {
    ran = [];
  });
  after(() => server.close());

  for (const [name, sent, [status, body], headers] of ROWS) {
    it(`is answered with ${status}: ${name}`, async () => {
      const own = Object.entries(headersOf(sent)).map(([header, value]) => [header.toLowerCase(), value] as const);
      const answer = await server.post(sent, { ...Object.fromEntries(own), ...headers });
      assert.deepEqual(answer, { status, body });
      // What is refused is not carried out.
      if (status !== 200) assert.deepEqual(ran, []);
    });
  }

  it('hands a tool its arguments as they are', async () => {
    const args = '{"a":{"b":[1,null]},"__proto__":{"c":1}}';
    const sent = call('answers');
    const text = JSON.stringify(sent).replace('"name"', `"arguments":${args},"name"`);
    await server.post(text, headersOf(sent));
    assert.equal(JSON.stringify(ran), `[["answers",${args}]]`);
  });

  it('finds the server without having met it, by server/discover', async () => {
    const sent = request('server/discover');
    const { status, body } = await server.post(sent, headersOf(sent));
    const { instructions, ...result } = (body as { result: { instructions: string } }).result;
    assert.equal(status, 200);
    assert.match(instructions, /^Tollgate gives you many priced APIs through seven tools/);
    assert.deepEqual(result, {
      resultType: 'complete',
      _meta: SERVER,
      supportedVersions: SUPPORTED,
      capabilities: { tools: {} },
      ttlMs: 3_600_000,
      cacheScope: 'public',
    });
  });

  it('lists the same tools as one of an older revision, for an hour, in at most 10 KB', async () => {
    const sent = request('tools/list');
    const { body } = await server.post(sent, headersOf(sent));
    const { result } = body as { result: JsonObject };
    const older = await server.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const { tools, ...rest } = result;
    assert.deepEqual(tools, (older.body as { result: JsonObject }).result.tools);
    assert.deepEqual(rest, { resultType: 'complete', _meta: SERVER, ttlMs: 3_600_000, cacheScope: 'public' });
    assert.ok(JSON.stringify(result).length <= 10_000, `${JSON.stringify(result).length} bytes`);
  });

  it('is refused by a gateway that shuts down with a code of JSON-RPC’s own, and the gateway’s error as data', () => {
    const error = new GatewayError('SHUTTING_DOWN', 'this gateway is shutting down', 'call again in a few seconds');
    assert.deepEqual(
      JSON.parse(refusedUnread(error)),
      failed(-32603, 'this gateway is shutting down', {
        data: {
          code: 'SHUTTING_DOWN',
          message: 'this gateway is shutting down',
          remedy: 'call again in a few seconds',
          retryable: true,
          charged: '0.000000',
        },
      }),
    );
  });

  it('is refused unread as the gateway’s own OpenAPI document says', () => {
    const { components } = openApiDocument('https://gateway.example') as { components: { schemas: JsonObject } };
    const schema = { $ref: '#/components/schemas/JsonRpcError', components };
    const matches = new Ajv2020({ strict: false }).compile(schema);
    const refused = JSON.parse(
      refusedUnread(new GatewayError('REQUEST_TOO_LARGE', 'too large', 'send less')),
    ) as JsonObject;
    assert.equal(matches(refused), true, JSON.stringify(matches.errors));
    assert.equal(matches({ jsonrpc: '2.0' }), false);
  });

  it('initializes without _meta as ever, whatever version its header has', async () => {
    const params = { protocolVersion: '2026-07-28', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
    const sent = { jsonrpc: '2.0', id: 1, method: 'initialize', params };
    const { status, body } = await server.post(sent, { 'mcp-protocol-version': '2026-07-28' });
    assert.deepEqual(
      [status, (body as { result: { protocolVersion: string } }).result.protocolVersion],
      [200, '2025-11-25'],
    );
  });
});

describe('a call of MCP 2026-07-28 that goes on', () => {
  let server: McpServer;
  let run: (client: WaitingClient, progress: ((message: string) => void) | undefined) => Promise<ToolOutcome>;
  before(async () => {
    server = await startMcpServer((_tool, _input, client, progress) => run(client, progress));
  });
  after(() => server.close());

  const post = (progressToken: unknown, signal?: AbortSignal) => {
    const sent = request('tools/call', { name: 'answers' }, { ...META, progressToken });
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const own = headersOf(sent) as Record<string, string>;
    const body = JSON.stringify(sent);
    return fetch(server.url, { method: 'POST', headers: { ...headers, ...own }, body, signal: signal ?? null });
  };
  const eventOf = (message: object) => `event: message\ndata: ${JSON.stringify(message)}\n\n`;
  const progressOf = (progressToken: unknown, progress: number, message: string) =>
    eventOf({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken, progress, message },
    });

  for (const token of ['p', 0]) {
    it(`tells of its progress under the token ${JSON.stringify(token)}, then its result, and ends`, async () => {
      run = (_client, progress) => {
        progress!('{"n":1}');
        progress!('{"n":2}');
        return Promise.resolve(OUTCOMES.answers!);
      };
      const response = await post(token);
      assert.equal(response.headers.get('content-type'), 'text/event-stream');
      assert.equal(response.headers.get('x-accel-buffering'), 'no');
      const [first, second, last, ...rest] = (await response.text()).split(/(?<=\n\n)/);
      assert.deepEqual([first, second], [progressOf(token, 1, '{"n":1}'), progressOf(token, 2, '{"n":2}')]);
      assert.deepEqual(JSON.parse(last!.replace('event: message\ndata: ', '')), ANSWERED[1]);
      assert.deepEqual(rest, []);
    });
  }

  it('is answered in JSON where there is no progress to tell', async () => {
    run = () => Promise.resolve(OUTCOMES.answers!);
    assert.deepEqual(await (await post('p')).json(), ANSWERED[1]);
  });

  it('is told that its client has gone, which cancels it', async () => {
    const leaving = new AbortController();
    let began!: (client: WaitingClient) => void;
    const running = new Promise<WaitingClient>((resolve) => (began = resolve));
    run = async (client, progress) => {
      progress!('first');
      began(client);
      await once(client.gone, 'abort');
      progress!('to nobody');
      return OUTCOMES.answers!;
    };
    const response = await post('p', leaving.signal);
    const { gone } = await running;
    const told = once(gone, 'abort');
    leaving.abort();
    await told;
    await assert.rejects(response.text());
    run = () => Promise.resolve(OUTCOMES.answers!);
    assert.deepEqual(await (await post('p')).json(), ANSWERED[1]);
  });
});
