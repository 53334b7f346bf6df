import assert from 'node:assert/strict';
import { once } from 'node:events';

import type { JsonObject } from '../../runtime/mcp/tool.js';
import type { ToolOutcome } from '../../runtime/mcp/toolbox.js';
import { startMcpServer, type McpServer } from './mcp-server.js';

/** A run of a tool that goes on until the test ends it. */
interface Run {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly end: () => void;
}

const cancel = (requestId: unknown) => ({
  jsonrpc: '2.0',
  method: 'notifications/cancelled',
  params: { requestId, reason: 'not mine' },
});
const call = (id: unknown, name: string) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } });
const ping = (id: unknown) => ({ jsonrpc: '2.0', id, method: 'ping' });

/** The clients of a gateway share its MCP server: what one of them sends must not reach what another one has asked. */
describe('clients of one MCP server', () => {
  let server: McpServer;
  let runs: Map<string, Run>;
  let started: (() => void)[];

  beforeEach(async () => {
    runs = new Map();
    started = [];
    server = await startMcpServer((name, _: JsonObject, { gone: signal }): Promise<ToolOutcome> => {
      return new Promise((resolve) => {
        runs.set(name, { name, signal, end: () => resolve({ ok: true, answer: { structured: { tool: name } } }) });
        for (const tell of started) tell();
      });
    });
  });
  afterEach(() => server.close());

  /** Resolves when the tools of these names run. */
  async function running(...names: string[]): Promise<readonly Run[]> {
    while (!names.every((name) => runs.has(name))) await new Promise<void>((resolve) => started.push(resolve));
    return names.map((name) => runs.get(name)!);
  }
  /** The id, and the tool that the answer is of. */
  const answered = (reply: { readonly body: unknown }): readonly [unknown, unknown] => {
    const { id, result } = reply.body as { id: unknown; result: { structuredContent: { tool: string } } };
    return [id, result.structuredContent.tool];
  };

  it('get each its own answer where all of them use the same id', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `tool-${index}`);
    const replies = names.map((name) => server.post(call(1, name)));
    for (const run of [...(await running(...names))].reverse()) run.end();
    assert.deepEqual(
      (await Promise.all(replies)).map(answered),
      names.map((name) => [1, name]),
    );
  });

  it('cannot cancel what another one has asked, whatever ids they guess', async () => {
    const theirs = [
      server.post(call(1, 'number')),
      server.post(call('1', 'text')),
      server.post(call('__proto__', 'proto')),
    ];
    const started = await running('number', 'text', 'proto');
    const guesses = [...Array(200).keys(), -1, '1', '2', '__proto__', 'constructor', '', null, [1], { '1': 1 }];
    for (const guess of guesses) {
      assert.deepEqual(await server.post(cancel(guess)), { status: 202, body: undefined });
    }
    for (const guess of [1, '1', '__proto__']) {
      assert.deepEqual(await server.post([cancel(guess), ping(guess), cancel(2)]), {
        status: 200,
        body: { jsonrpc: '2.0', id: guess, result: {} },
      });
    }
    assert.deepEqual(
      started.map(({ signal }) => signal.aborted),
      [false, false, false],
    );
    for (const run of started) run.end();
    assert.deepEqual((await Promise.all(theirs)).map(answered), [
      [1, 'number'],
      ['1', 'text'],
      ['__proto__', 'proto'],
    ]);
  });

  it('cannot answer or report progress in the place of the server', async () => {
    const theirs = server.post(call(1, 'theirs'));
    const [run] = await running('theirs');
    for (const message of [
      { jsonrpc: '2.0', id: 1, result: { content: [] } },
      { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } },
      { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1 } },
    ]) {
      assert.equal((await server.post(message)).status, 202);
    }
    run!.end();
    assert.deepEqual(answered(await theirs), [1, 'theirs']);
  });

  it('change nothing for one another by initializing', async () => {
    const initialize = (protocolVersion: string, capabilities: unknown) => ({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion, capabilities, clientInfo: { name: protocolVersion, version: '1' } },
    });
    const before = await server.post(initialize('2025-06-18', {}));
    const everything = {
      sampling: {},
      elicitation: {},
      roots: { listChanged: true },
      tasks: {},
      experimental: { a: {} },
    };
    await server.post(initialize('2024-10-07', everything));
    await server.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    assert.deepEqual(await server.post(initialize('2025-06-18', {})), before);
  });

  it('that go away have their calls told so, and nobody else’s', async () => {
    const visitor = server.visit(call(1, 'left'));
    const theirs = server.post(call(1, 'stays'));
    const [left, stays] = await running('left', 'stays');
    const aborted = once(left!.signal, 'abort');
    visitor.leave();
    await aborted;
    assert.equal(stays!.signal.aborted, false);
    left!.end(); // There is nobody to answer any more.
    stays!.end();
    assert.deepEqual(answered(await theirs), [1, 'stays']);
    assert.deepEqual((await server.post(ping(1))).body, { jsonrpc: '2.0', id: 1, result: {} });
  });
});

describe('a batch to an MCP server', () => {
  let server: McpServer;
  let ran: string[];
  before(async () => {
    server = await startMcpServer((name) => {
      ran.push(name);
      return Promise.resolve({ ok: true, answer: { structured: { tool: name } } });
    });
  });
  beforeEach(() => {
    ran = [];
  });
  after(() => server.close());

  const pairs = ({ body }: { readonly body: unknown }) =>
    (body as readonly { id: unknown; result: { structuredContent: { tool: string } } }[]).map(({ id, result }) => [
      id,
      result.structuredContent.tool,
    ]);

  it('is answered in its order, under ids that are names of an object’s own members', async () => {
    const ids = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 1, '1', 0, ''];
    const reply = await server.post(ids.map((id, index) => call(id, `tool-${index}`)));
    assert.deepEqual(
      pairs(reply),
      ids.map((id, index) => [id, `tool-${index}`]),
    );
  });

  it('has an answer for each request where two have one id, because each of them may have cost something', async () => {
    assert.deepEqual(pairs(await server.post([call(1, 'first'), call(1, 'second')])), [
      [1, 'first'],
      [1, 'second'],
    ]);
  });

  it('does not run what it cancels itself, and answers the rest', async () => {
    const reply = await server.post([call(1, 'cancelled'), cancel(1), call('1', 'text'), call(2, 'other')]);
    assert.deepEqual(pairs(reply), [
      ['1', 'text'],
      [2, 'other'],
    ]);
    assert.deepEqual(ran, ['text', 'other']);
  });

  it('ends without a body where it cancels all that it asks', async () => {
    assert.deepEqual(await server.post([call(1, 'a'), call(1, 'b'), cancel(1)]), { status: 202, body: undefined });
    assert.deepEqual(ran, []);
  });
});
