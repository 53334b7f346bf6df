import assert from 'node:assert/strict';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { askPlainHttp } from '../fixtures/plain-http.js';
import { callTool, startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';

/** Hostile input 21: ids are 128 random bits, filtered by account, and absent and foreign are one answer. */
describe('the id of another account’s call', () => {
  let gateway: TestGateway;
  let thief: Client;
  let thiefKey: string;
  let paid: Json;

  before(async () => {
    gateway = await startTestGateway();
    const owner = await gateway.client((await gateway.account('1')).apiKey);
    paid = (await callTool(owner, 'call_api', { endpoint: 'sandbox/get-weather', arguments: { city: 'Paris' } }))
      .answer;
    thiefKey = (await gateway.account('1')).apiKey;
    thief = await gateway.client(thiefKey);
  });

  after(() => gateway.close());

  const absent = `call_${'0'.repeat(44)}`;
  const withoutId = (answer: Json) => JSON.stringify(answer).replaceAll(/(call|rcpt)_[0-9a-f]{44}/g, 'id');

  it('has 128 random bits after its time', () => {
    assert.match(paid.request_id as string, /^call_[0-9a-f]{12}[0-9a-f]{32}$/);
    assert.match(((paid.receipt as Json).message as Json).receiptId as string, /^rcpt_[0-9a-f]{12}[0-9a-f]{32}$/);
  });

  for (const [tool, more] of [
    ['get_usage', {}],
    ['rate_seller', { stars: 1 }],
  ] as const) {
    it(`tells ${tool} nothing: the same answer as for an id that does not exist`, async () => {
      const foreign = await callTool(thief, tool, { request_id: paid.request_id, ...more });
      const nothing = await callTool(thief, tool, { request_id: absent, ...more });
      assert.deepEqual([foreign.isError, foreign.answer.code], [true, 'REQUEST_NOT_FOUND']);
      assert.equal(withoutId(foreign.answer), withoutId(nothing.answer));
    });
  }

  it('nor does its receipt’s id over plain HTTP', async () => {
    const get = async (id: string) => {
      const { status, body } = await askPlainHttp(`${gateway.url}/v1/receipts/${id}`, thiefKey);
      return { status, body: withoutId(body) };
    };
    const { receiptId } = (paid.receipt as { message: { receiptId: string } }).message;
    const foreign = await get(receiptId);
    assert.equal(foreign.status, 404);
    assert.deepEqual(foreign, await get(`rcpt_${'0'.repeat(44)}`));
    assert.deepEqual(await get(paid.request_id as string), foreign);
  });
});
