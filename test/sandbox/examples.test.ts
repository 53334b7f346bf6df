import assert from 'node:assert/strict';

import { TOOLS } from '../../runtime/mcp/toolbox.js';
import { callTool, startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';

/** They fail in the way that they are asked for. */
const MEANT_TO_FAIL = new Set(['sandbox/fail', 'sandbox/fail-post']);

describe('the example of an endpoint of the sandbox', () => {
  let gateway: TestGateway;
  before(async () => (gateway = await startTestGateway()));
  after(() => gateway.close());

  it('is answered without a warning, as describe_endpoint promises of every example', async () => {
    assert.match(TOOLS.find(({ name }) => name === 'describe_endpoint')!.description, /an example that works/);
    const client = await gateway.client((await gateway.account('1')).apiKey);
    const { entries } = gateway.running.gateway.catalogue;
    const ids = Array.from({ length: entries.length }, (_, row) => entries.idAt(row)).filter(
      (id) => id.startsWith('sandbox/') && !MEANT_TO_FAIL.has(id),
    );
    assert.ok(ids.length > 50);
    const failed: Json[] = [];
    for (const endpoint of ids) {
      const { answer: described } = await callTool(client, 'describe_endpoint', { endpoint });
      const { answer } = await callTool(client, 'call_api', { endpoint, arguments: described.example });
      if (![200, 201].includes(answer.status as number) || answer.warnings !== undefined) {
        failed.push({ endpoint, code: answer.code, message: answer.message, warnings: answer.warnings });
      }
    }
    assert.deepEqual(failed, []);
  });

  it('is answered in time where it asks for the longest delay that its schema allows', async () => {
    const client = await gateway.client((await gateway.account('1')).apiKey);
    const { answer: described } = await callTool(client, 'describe_endpoint', { endpoint: 'sandbox/slow' });
    const { properties } = described.arguments as { properties: { delay_ms: { maximum: number } } };
    const { maximum } = properties.delay_ms;
    assert.equal(maximum, 4_000);
    const { answer } = await callTool(client, 'call_api', {
      endpoint: 'sandbox/slow',
      arguments: { delay_ms: maximum },
    });
    assert.deepEqual([answer.status, answer.body], [200, { ok: true, delay_ms: 4_000 }]);
  });
});
