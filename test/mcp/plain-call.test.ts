import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import type { ToolOutcome } from '../../runtime/mcp/toolbox.js';
import { startMcpServer, type McpServer } from './mcp-server.js';

const BYTES = { kind: 'binary', mimeType: 'application/pdf', data: Buffer.from('%PDF'), name: 'a' } as const;

const OUTCOMES: Readonly<Record<string, ToolOutcome>> = {
  answers: { ok: true, answer: { structured: { text: 'a "quoted" line\n', list: [1, null] } } },
  bytes: { ok: true, answer: { structured: { body: null }, bytes: BYTES } },
  fails: {
    ok: false,
    error: new GatewayError('INSUFFICIENT_FUNDS', 'too little', 'add some', { details: { status: 1 } }),
  },
};

/** Without `_meta` a call goes past the SDK's protocol layer, and with an empty one through it. */
describe('a call that goes past the protocol layer', () => {
  let server: McpServer;
  let runs: (readonly [tool: string, input: unknown, hasProgress: boolean])[];

  before(async () => {
    server = await startMcpServer((tool, input, client, progress) => {
      assert.equal(client.hasGone, false);
      runs.push([tool, { ...input }, progress !== undefined]);
      return Promise.resolve(OUTCOMES[tool]!);
    });
  });
  beforeEach(() => {
    runs = [];
  });
  after(() => server.close());

  const call = (id: unknown, params: string) =>
    `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"method":"tools/call","params":{${params}}}`;

  for (const [name, id, params] of [
    ['an answer', 1, '"name":"answers","arguments":{"a":1,"b":{"__proto__":[1],"c":null}}'],
    ['an answer with bytes', 'x', '"name":"bytes","arguments":{}'],
    ['an error', 0, '"name":"fails","arguments":{"a":"b"}'],
    ['a call without arguments', '', '"name":"answers"'],
    ['a call with a member that no tool has', 7, '"name":"answers","more":1'],
    ['an argument __proto__', 8, '"name":"answers","arguments":{"__proto__":{"a":1},"b":2}'],
    ['a call twice named', 9, '"name":"fails","name":"answers"'],
    ['arguments that are a list', 10, '"name":"answers","arguments":[]'],
    ['a name that is a number', 11, '"name":1'],
  ] as const) {
    it(`is run and answered as one that goes through it: ${name}`, async () => {
      const past = await server.post(call(id, params));
      const [ran] = runs;
      const through = await server.post(call(id, `${params},"_meta":{}`));
      assert.deepEqual(past, through);
      assert.deepEqual(ran, runs[1]);
      assert.equal(runs.length, ran === undefined ? 0 : 2);
    });
  }

  it('is told apart from one that asks for progress', async () => {
    await server.post(call(1, '"name":"answers","_meta":{"progressToken":"p"}'));
    await server.post(call(1, '"name":"answers"'));
    assert.deepEqual(runs, [
      ['answers', {}, true],
      ['answers', {}, false],
    ]);
  });
});
