import assert from 'node:assert/strict';

import { askPlainHttp } from '../fixtures/plain-http.js';
import { startTestGateway, type Json, type TestGateway } from '../fixtures/test-gateway.js';

/** Promise 3, through the whole gateway over the plain-HTTP face. */
describe('an account with funds for exactly 100 calls', () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway();
  });

  after(() => gateway.close());

  it('has exactly 100 of 1,000 parallel calls captured, 900 refused, and 0 left', async () => {
    const { accountId, apiKey } = await gateway.account('0.1');
    const served = await gateway.served('listProducts');
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, () => askPlainHttp(`${gateway.url}/v1/call/sandbox/list-products`, apiKey, {})),
    );
    const count = (status: number) => answers.filter((answer) => answer.status === status).length;
    assert.deepEqual({ paid: count(200), refused: count(402) }, { paid: 100, refused: 900 });
    assert.equal(await gateway.served('listProducts'), served + 100);
    const { availableMicroUsdc, heldMicroUsdc } = await gateway.running.books.ledger.balance(accountId);
    assert.deepEqual([availableMicroUsdc, heldMicroUsdc], [0n, 0n]);
    const receipts = answers.filter((answer) => answer.status === 200).map((answer) => answer.body.receipt as Json);
    const numbers = receipts.map((receipt) => (receipt.message as { number: number }).number).sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
  }).timeout(60_000);
});
