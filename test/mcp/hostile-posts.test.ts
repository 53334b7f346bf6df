import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http';

import { GatewayError } from '../../runtime/gateway-error.js';
import { startMcpServer, type McpServer } from './mcp-server.js';

const request = (id: unknown, method: unknown, params?: unknown) => ({ jsonrpc: '2.0', id, method, params });
const notification = (method: string, params?: unknown) => ({ jsonrpc: '2.0', method, params });
const initialize = (version: unknown) =>
  request(1, 'initialize', { protocolVersion: version, capabilities: {}, clientInfo: { name: 'c', version: '1' } });
const ping = request(1, 'ping');
const pong = (id: unknown = 1) => ({ jsonrpc: '2.0', id, result: {} });
const failed = (code: number, message: string, id: unknown = null) => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
});

const NO_MESSAGE = [400, failed(-32700, 'Parse error: Invalid JSON-RPC message')] as const;
const NO_METHOD = [200, failed(-32601, 'Method not found', 1)] as const;
const TAKEN = [202, undefined] as const;
const NOT_ACCEPTABLE = [
  406,
  failed(-32000, 'Not Acceptable: Client must accept both application/json and text/event-stream'),
] as const;
const wrongType = [415, failed(-32000, 'Unsupported Media Type: Content-Type must be application/json')] as const;
const wrongVersion = (version: string) =>
  [
    400,
    failed(
      -32000,
      `Bad Request: Unsupported protocol version: ${version} (supported versions: 2025-11-25, 2025-06-18, 2025-03-26, 2024-11-05, 2024-10-07)`,
    ),
  ] as const;
const invalid = (expected: string, received: string, ...path: string[]) =>
  [
    200,
    failed(-32602, `Invalid params: ${path.join('.')}: Invalid input: expected ${expected}, received ${received}`, 1),
  ] as const;
const noTasks = (method: string) =>
  [200, failed(-32603, `Server does not support task creation (required for ${method})`, 1)] as const;

type Row = readonly [
  name: string,
  sent: unknown,
  want: readonly [status: number, body: unknown],
  headers?: OutgoingHttpHeaders,
];

/**
 * What the SDK's own stateless transport answered to each, recorded before ours took its place: a client must not be
 * able to tell the two apart. But params that are wrong are the client's fault here, as JSON-RPC and MCP have it.
 */
const ROWS: readonly Row[] = [
  // Ids.
  ['an id that is text', request('a', 'ping'), [200, pong('a')]],
  ['an id that is empty', request('', 'ping'), [200, pong('')]],
  ['an id of 0', request(0, 'ping'), [200, pong(0)]],
  ['a negative id', request(-5, 'ping'), [200, pong(-5)]],
  ['an id of -0', '{"jsonrpc":"2.0","id":-0,"method":"ping"}', [200, pong(0)]],
  ['the largest id', request(9_007_199_254_740_991, 'ping'), [200, pong(9_007_199_254_740_991)]],
  ['an id that no number holds exactly', '{"jsonrpc":"2.0","id":9007199254740992,"method":"ping"}', NO_MESSAGE],
  ['an id of 1e300', '{"jsonrpc":"2.0","id":1e300,"method":"ping"}', NO_MESSAGE],
  ['an id that overflows', '{"jsonrpc":"2.0","id":1e400,"method":"ping"}', NO_MESSAGE],
  ['an id with a fraction', request(1.5, 'ping'), NO_MESSAGE],
  ['an id of null', request(null, 'ping'), NO_MESSAGE],
  ['an id that is an object', request({}, 'ping'), NO_MESSAGE],
  ['an id that is a list', request([1], 'ping'), NO_MESSAGE],
  ['an id that is true', request(true, 'ping'), NO_MESSAGE],
  ['the id __proto__', request('__proto__', 'ping'), [200, pong('__proto__')]],
  ['the id constructor', request('constructor', 'ping'), [200, pong('constructor')]],
  ['an id of 100,000 characters', request('x'.repeat(100_000), 'ping'), [200, pong('x'.repeat(100_000))]],
  ['an id that is a lone surrogate', '{"jsonrpc":"2.0","id":"\\ud800","method":"ping"}', [200, pong('\ud800')]],
  ['two ids', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', [200, pong(2)]],
  // Messages.
  ['another version of JSON-RPC', { ...ping, jsonrpc: '1.0' }, NO_MESSAGE],
  ['no version of JSON-RPC', { id: 1, method: 'ping' }, NO_MESSAGE],
  ['no method', { jsonrpc: '2.0', id: 1 }, NO_MESSAGE],
  ['a method that is a number', request(1, 5), NO_MESSAGE],
  ['a member too many', { ...ping, extra: 1 }, NO_MESSAGE],
  ['a member __proto__', '{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{"a":1}}', NO_MESSAGE],
  ['params that are null', request(1, 'ping', null), NO_MESSAGE],
  ['params that are a list', request(1, 'ping', [1]), NO_MESSAGE],
  ['params that are text', request(1, 'ping', 'x'), NO_MESSAGE],
  ['_meta that is a number', request(1, 'ping', { _meta: 5 }), NO_MESSAGE],
  ['a progress token that is an object', request(1, 'ping', { _meta: { progressToken: {} } }), NO_MESSAGE],
  ['a progress token', request(1, 'ping', { _meta: { progressToken: 'p' } }), [200, pong()]],
  [
    'a related task that is none',
    request(1, 'ping', { _meta: { 'io.modelcontextprotocol/related-task': { taskId: 5 } } }),
    NO_MESSAGE,
  ],
  [
    'a related task',
    request(1, 'nothing', { _meta: { 'io.modelcontextprotocol/related-task': { taskId: 'x' } } }),
    NO_METHOD,
  ],
  ['nothing', '', [400, failed(-32700, 'Parse error: Invalid JSON')]],
  ['null', 'null', NO_MESSAGE],
  ['a number', '7', NO_MESSAGE],
  ['a text', '"x"', NO_MESSAGE],
  ['an object that is no message', {}, NO_MESSAGE],
  // Methods.
  ['a method without a name', request(1, ''), NO_METHOD],
  ['the method __proto__', request(1, '__proto__'), NO_METHOD],
  ['the method toString', request(1, 'toString'), NO_METHOD],
  ['a method that is not offered', request(1, 'resources/list'), NO_METHOD],
  ['a task of ping', request(1, 'ping', { task: { ttl: 5 } }), noTasks('ping')],
  ['a task of tools/list', request(1, 'tools/list', { task: { ttl: 5 } }), noTasks('tools/list')],
  ['a task of tools/call', request(1, 'tools/call', { name: 'x', arguments: {}, task: {} }), noTasks('tools/call')],
  [
    'a task that is none',
    request(1, 'tools/call', { name: 'x', task: 5 }),
    invalid('object', 'number', 'params', 'task'),
  ],
  [
    'a cursor that is a number',
    request(1, 'tools/list', { cursor: 5 }),
    invalid('string', 'number', 'params', 'cursor'),
  ],
  ['a call without params', request(1, 'tools/call'), invalid('object', 'undefined', 'params')],
  ['a call of no tool', request(1, 'tools/call', {}), invalid('string', 'undefined', 'params', 'name')],
  [
    'a call whose arguments are a list',
    request(1, 'tools/call', { name: 'x', arguments: [] }),
    invalid('record', 'array', 'params', 'arguments'),
  ],
  [
    'a call whose arguments are null',
    request(1, 'tools/call', { name: 'x', arguments: null }),
    invalid('record', 'null', 'params', 'arguments'),
  ],
  // Initialization.
  ['initialize without params', request(1, 'initialize'), invalid('object', 'undefined', 'params')],
  [
    'initialize with a version that is a number',
    initialize(5),
    invalid('string', 'number', 'params', 'protocolVersion'),
  ],
  ['initialize as a notification', { ...initialize('2025-06-18'), id: undefined }, TAKEN],
  [
    'initialize beside another message',
    [initialize('2025-06-18'), ping],
    [400, failed(-32600, 'Invalid Request: Only one initialization request is allowed')],
  ],
  [
    'an initialize that is none, and no version',
    request(1, 'initialize'),
    wrongVersion('x'),
    { 'mcp-protocol-version': 'x' },
  ],
  // What has no answer.
  ['a notification', notification('notifications/initialized'), TAKEN],
  ['a notification that nobody knows', notification('notifications/nothing'), TAKEN],
  ['a cancellation of nothing', notification('notifications/cancelled', { requestId: 1, reason: 'x' }), TAKEN],
  ['a cancellation of an object', notification('notifications/cancelled', { requestId: {} }), TAKEN],
  ['a cancellation without params', notification('notifications/cancelled'), TAKEN],
  ['progress', notification('notifications/progress', { progressToken: 1, progress: 1 }), TAKEN],
  ['a method as a notification', notification('tools/call', { name: 'check_balance' }), TAKEN],
  ['a notification with a list', notification('x', []), NO_MESSAGE],
  ['a response', { jsonrpc: '2.0', id: 1, result: {} }, TAKEN],
  ['an error', { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } }, TAKEN],
  ['an error of nothing', { jsonrpc: '2.0', error: { code: 1, message: 'x' } }, TAKEN],
  ['a response that is none', { jsonrpc: '2.0', id: 1, result: 5 }, NO_MESSAGE],
  ['a result and an error', { jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: 'x' } }, NO_MESSAGE],
  // Batches.
  ['an empty batch', [], TAKEN],
  ['a batch of one', [ping], [200, pong()]],
  ['a batch of requests', [ping, request('1', 'ping'), request(2, 'ping')], [200, [pong(), pong('1'), pong(2)]]],
  ['a batch of a request and a notification', [ping, notification('x')], [200, pong()]],
  ['a batch of notifications', [notification('x'), notification('y')], TAKEN],
  ['a batch with a fault in it', [ping, { id: 5 }], NO_MESSAGE],
  ['a batch in a batch', [[ping]], NO_MESSAGE],
  ['a batch of null', [null], NO_MESSAGE],
  [
    'a batch that cancels what is not in it',
    [ping, notification('notifications/cancelled', { requestId: 99 })],
    [200, pong()],
  ],
  // Headers.
  ['no Accept', ping, NOT_ACCEPTABLE, { accept: undefined }],
  ['Accept of JSON alone', ping, NOT_ACCEPTABLE, { accept: 'application/json' }],
  ['Accept of event streams alone', ping, NOT_ACCEPTABLE, { accept: 'text/event-stream' }],
  ['Accept of anything', ping, NOT_ACCEPTABLE, { accept: '*/*' }],
  ['a wrong Accept, and no message', {}, NOT_ACCEPTABLE, { accept: 'application/json' }],
  ['Accept the other way round', ping, [200, pong()], { accept: 'text/event-stream,application/json' }],
  ['a type with a charset', ping, [200, pong()], { 'content-type': 'application/json; charset=utf-8' }],
  ['a type with half a parameter', ping, [200, pong()], { 'content-type': 'application/json; charset=' }],
  ['two types in one header', ping, wrongType, { 'content-type': 'application/json; a=, text/plain' }],
  ['nothing, of no type', '', wrongType, { 'content-type': undefined }],
  ['nothing, of another type', '', wrongType, { 'content-type': 'text/plain' }],
  ['an old protocol version', ping, [200, pong()], { 'mcp-protocol-version': '2024-10-07' }],
  ['an unknown protocol version', ping, wrongVersion('1.0'), { 'mcp-protocol-version': '1.0' }],
  ['an empty protocol version', ping, wrongVersion(''), { 'mcp-protocol-version': '' }],
  ['a notification of an unknown version', notification('x'), wrongVersion('1.0'), { 'mcp-protocol-version': '1.0' }],
  ['no message, of an unknown version', {}, NO_MESSAGE, { 'mcp-protocol-version': '1.0' }],
  ['a session that there is not', ping, [200, pong()], { 'mcp-session-id': 'abc' }],
];

describe('a hostile POST to MCP', () => {
  let server: McpServer;
  before(async () => {
    server = await startMcpServer(() =>
      Promise.resolve({ ok: false, error: new GatewayError('TOOL_NOT_FOUND', 'there is no tool', 'none') }),
    );
  });
  after(() => server.close());

  for (const [name, sent, [status, body], headers] of ROWS) {
    it(`is answered with ${status}: ${name}`, async () => {
      assert.deepEqual(await server.post(sent, headers), { status, body });
    });
  }

  it('is refused when it says its type twice, of which Node shows the first alone', async () => {
    const types = { 'content-type': ['application/json', 'text/plain'] };
    assert.deepEqual(await server.post(ping, types), { status: wrongType[0], body: wrongType[1] });
  });
});

describe('the answer to initialize', () => {
  const VERSIONS: readonly (readonly [asked: string, answered: string])[] = [
    ['2025-11-25', '2025-11-25'],
    ['2025-06-18', '2025-06-18'],
    ['2024-10-07', '2024-10-07'],
    ['1900-01-01', '2025-11-25'],
    ['', '2025-11-25'],
  ];
  let server: McpServer;
  before(async () => {
    server = await startMcpServer(() => assert.fail('no tool was called'));
  });
  after(() => server.close());

  for (const [asked, answered] of VERSIONS) {
    it(`to a client of version "${asked}" has version ${answered}, tools, and nothing else`, async () => {
      const { status, body } = await server.post(initialize(asked), { 'mcp-protocol-version': 'none yet' });
      const { result } = body as { result: { protocolVersion: string; capabilities: unknown; serverInfo: unknown } };
      assert.deepEqual([status, result.protocolVersion, result.capabilities], [200, answered, { tools: {} }]);
      assert.deepEqual(result.serverInfo, { name: 'tollgate', title: 'Tollgate', version: '0.1.0' });
    });
  }
});
