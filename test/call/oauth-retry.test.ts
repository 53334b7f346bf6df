import assert from 'node:assert/strict';

import { callTool, startTestGateway, type TestGateway } from '../fixtures/test-gateway.js';

describe('an OAuth2 token that the upstream no longer takes', () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway();
  });

  after(() => gateway.close());

  it('is fetched anew and the call sent once more, charged once', async () => {
    const { apiKey } = await gateway.account('1');
    const client = await gateway.client(apiKey);
    const call = () => callTool(client, 'call_api', { endpoint: 'sandbox/secure-oauth', arguments: {} });
    assert.equal((await call()).isError, false);

    const revoked = await callTool(client, 'call_api', { endpoint: 'sandbox/revoke-tokens', arguments: {} });
    assert.equal(revoked.isError, false, JSON.stringify(revoked.answer));
    const [tokens, entered] = [await gateway.served('issueToken'), await gateway.served('secureOauth')];
    const { isError, answer } = await call();
    assert.equal(isError, false, JSON.stringify(answer));
    assert.equal(answer.charged, '0.001000');
    assert.equal(await gateway.served('issueToken'), tokens + 1);
    assert.equal(await gateway.served('secureOauth'), entered + 2);
    const usage = await callTool(client, 'get_usage', { group_by: 'endpoint' });
    const row = (usage.answer.rows as { endpoint: string; charged: string }[]).find(
      (item) => item.endpoint === 'sandbox/secure-oauth',
    );
    assert.equal(row!.charged, '0.002000');
  });
});
