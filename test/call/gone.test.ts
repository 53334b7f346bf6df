import assert from 'node:assert/strict';

import { anAnswer } from '../upstream/an-answer.js';
import { withCallPath } from './a-call-path.js';

describe('a call whose client has gone before anything was held', () => {
  it('is not sent, though its provider has a place, and leaves nothing held', async () => {
    let sent = 0;
    const send = () => {
      sent += 1;
      return Promise.resolve(anAnswer('{}'));
    };
    await withCallPath({ send }, async ({ books, inFlight, accountId, call }) => {
      await assert.rejects(call(AbortSignal.abort()), { code: 'CLIENT_GONE', charged: '0.000000' });
      assert.deepEqual(await books.ledger.balance(accountId), { availableMicroUsdc: 1_000_000n, heldMicroUsdc: 0n });
      assert.equal(sent, 0);
      await call();
      assert.equal(sent, 1);
      assert.equal(inFlight.size, 0);
    });
  });
});
