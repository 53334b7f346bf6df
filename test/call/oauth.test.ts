import assert from 'node:assert/strict';

import { callTool, startTestGateway, type TestGateway } from '../fixtures/test-gateway.js';
import { startProvider } from './a-provider.js';

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

describe('a call behind OAuth2 that is repeated with its key', () => {
  it('is answered without a token, which would have to be asked for anew', async () => {
    const provider = await startProvider(
      "  /x: { get: { operationId: x, security: [{ o: [] }], responses: { '200': { description: OK } } } }",
      '',
      {
        securitySchemes:
          "{ o: { type: oauth2, flows: { clientCredentials: { tokenUrl: '{origin}/token', scopes: {} } } } }",
        environment: { TOLLGATE_CREDENTIAL_ACME_O: 'id:secret' },
      },
    );
    try {
      const { apiKey } = await provider.gateway.account('1');
      const client = await provider.gateway.client(apiKey);
      const call = () => callTool(client, 'call_api', { endpoint: 'acme/x', arguments: {}, idempotency_key: 'once' });
      provider.answer((request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(request.url === '/token' ? '{"access_token":"short-lived","expires_in":0.001}' : '{}');
      });
      const first = await call();
      assert.deepEqual([first.isError, provider.received], [false, ['POST /token', 'GET /x']]);
      const again = await call();
      assert.deepEqual([again.answer.replayed, again.answer.request_id], [true, first.answer.request_id]);
      assert.deepEqual(provider.received, ['POST /token', 'GET /x']);
    } finally {
      await provider.close();
    }
  });
});

describe('an upstream that takes no token at all', () => {
  it('costs each call one token and no more: the one that was refused last is kept for the next', async () => {
    const provider = await startProvider(
      '\n  /things:\n    get: { operationId: list, security: [{ oauth: [] }] }\n',
      '',
      {
        securitySchemes:
          "{ oauth: { type: oauth2, flows: { clientCredentials: { tokenUrl: '{origin}/token', scopes: {} } } } }",
        environment: { TOLLGATE_CREDENTIAL_ACME_OAUTH: 'id:secret' },
      },
    );
    try {
      provider.answer((request, response) => {
        if (request.url === '/things') return response.writeHead(401).end();
        response.setHeader('content-type', 'application/json');
        response.end(`{"access_token":"token-${provider.received.length}","expires_in":3600}`);
      });
      const client = await provider.gateway.client((await provider.gateway.account('1')).apiKey);
      for (let calls = 0; calls < 2; calls += 1) {
        const { answer } = await callTool(client, 'call_api', { endpoint: 'acme/list', fresh: true });
        assert.equal(answer.code, 'CREDENTIAL_REFUSED');
      }
      assert.deepEqual(provider.received, [
        ...['POST /token', 'GET /things', 'POST /token', 'GET /things'],
        ...['GET /things', 'POST /token', 'GET /things'],
      ]);
    } finally {
      await provider.close();
    }
  });
});
