import assert from 'node:assert/strict';

import { callTool, startTestGateway, type TestGateway } from '../fixtures/test-gateway.js';

describe('what a key may spend in a day', () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway();
  });
  after(() => gateway.close());

  it('is told with what is left of it, and refuses the call that does not fit', async () => {
    const { accountId } = await gateway.account('1');
    const key = { accountId, name: 'limited', dailyLimitMicroUsdc: 1_500n };
    const client = await gateway.client((await gateway.running.books.keys.create(key)).apiKey.reveal());
    const budget = async () => (await callTool(client, 'check_balance', {})).answer.budget;
    const call = () => callTool(client, 'call_api', { endpoint: 'sandbox/get-product', arguments: { id: 'p-001' } });

    assert.deepEqual(await budget(), { daily_limit: '0.001500', left_today: '0.001500' });
    assert.equal((await call()).answer.charged, '0.001000');
    assert.deepEqual(await budget(), { daily_limit: '0.001500', left_today: '0.000500' });
    const refused = await call();
    assert.deepEqual([refused.answer.code, refused.answer.charged], ['BUDGET_EXCEEDED', '0.000000']);
    assert.deepEqual(await budget(), { daily_limit: '0.001500', left_today: '0.000500' });
  });
});
