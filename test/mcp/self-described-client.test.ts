import assert from 'node:assert/strict';

import { Client, StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client';

import { startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';

/**
 * The official client of MCP 2026-07-28 over real HTTP. It checks each result against the schemas of that revision, and
 * each structured answer against its tool's.
 */
describe('a client of MCP 2026-07-28', () => {
  let gateway: TestGateway;
  const clients: Client[] = [];
  before(async () => {
    gateway = await startTestGateway();
  });
  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await gateway.close();
  });

  /** @param sent collects the methods of what it sends, as its headers have them. */
  async function connect(mode: VersionNegotiationMode, apiKey = '', sent: (string | null)[] = []): Promise<Client> {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    const transport = new StreamableHTTPClientTransport(new URL(`${gateway.url}/mcp`), {
      requestInit: { headers: apiKey === '' ? {} : { Authorization: `Bearer ${apiKey}` } },
      fetch: (url, init) => {
        sent.push(new Headers(init?.headers).get('mcp-method'));
        return fetch(url, init);
      },
    });
    await client.connect(transport);
    clients.push(client);
    return client;
  }

  async function call(client: Client, name: string, args: Json): Promise<Json> {
    const { structuredContent, isError } = await client.callTool({ name, arguments: args });
    assert.notEqual(isError, true, JSON.stringify(structuredContent));
    return structuredContent as Json;
  }

  it('connects without initialize, and uses all seven tools', async () => {
    const { apiKey } = await gateway.account('1');
    const sent: (string | null)[] = [];
    const client = await connect({ pin: '2026-07-28' }, apiKey, sent);
    assert.equal(client.getNegotiatedProtocolVersion(), '2026-07-28');
    assert.deepEqual(client.getServerVersion(), { name: 'tollgate', title: 'Tollgate', version: '0.1.0' });
    const { tools } = await client.listTools();
    assert.equal(tools.length, 7);

    const endpoint = 'sandbox/get-weather';
    const { items } = await call(client, 'browse_apis', { query: 'weather', provider: 'sandbox' });
    assert.ok((items as Json[]).some((item) => item.endpoint === endpoint));
    assert.equal((await call(client, 'describe_endpoint', { endpoint })).endpoint, endpoint);
    const args = { city: 'Paris' };
    const { quote } = await call(client, 'get_pricing', { endpoint, arguments: args });
    const { quote_id } = quote as Json;
    const paid = await call(client, 'call_api', { endpoint, arguments: args, quote_id });
    assert.deepEqual([paid.status, paid.charged, paid.balance], [200, '0.002000', '0.998000']);
    const { request_id } = paid;
    assert.deepEqual((await call(client, 'get_usage', { request_id })).receipt, paid.receipt);
    assert.equal((await call(client, 'rate_seller', { request_id, stars: 5 })).seller, 'tollgate');
    assert.equal((await call(client, 'check_balance', {})).available, '0.998000');
    assert.deepEqual(new Set(sent), new Set(['server/discover', 'tools/list', 'tools/call']));
  });

  it('is told of the progress of an answer while it comes', async () => {
    const { apiKey } = await gateway.account('1');
    const client = await connect({ pin: '2026-07-28' }, apiKey);
    const told: unknown[] = [];
    const params = { name: 'call_api', arguments: { endpoint: 'sandbox/stream-ticks', arguments: { count: 2 } } };
    const { structuredContent } = await client.callTool(params, { onprogress: (progress) => told.push(progress) });
    assert.deepEqual(told, [
      { progress: 1, message: '{"tick":1,"of":2}' },
      { progress: 2, message: '{"tick":2,"of":2}' },
    ]);
    assert.match((structuredContent as Json).body as string, /^event: tick\nid: 1\n/);
  });

  it('is told of a tool’s errors in its result, and of an unknown tool by an error of the protocol', async () => {
    const client = await connect({ pin: '2026-07-28' });
    await client.listTools();
    const { isError, structuredContent } = await client.callTool({ name: 'check_balance', arguments: {} });
    assert.deepEqual([isError, (structuredContent as Json).code], [true, 'UNAUTHENTICATED']);
    await assert.rejects(client.callTool({ name: 'no_tool', arguments: {} }), {
      code: -32602,
      message: 'there is no tool "no_tool"',
    });
  });

  it('is served 2026-07-28 where it also knows older revisions, and an older one where it asks for that', async () => {
    assert.equal((await connect('auto')).getNegotiatedProtocolVersion(), '2026-07-28');
    const older = await connect('legacy');
    assert.equal(older.getNegotiatedProtocolVersion(), '2025-11-25');
    assert.equal((await older.listTools()).tools.length, 7);
  });
});
