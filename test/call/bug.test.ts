import assert from 'node:assert/strict';

import { withCallPath } from './a-call-path.js';

const bug = () => Promise.reject(new TypeError('a bug'));

describe('a bug of ours while a call is being sent', () => {
  it('comes out as it is, leaves nothing held, and the key tells that the outcome is not known', () =>
    withCallPath({ send: bug }, async ({ books, inFlight, accountId, call }) => {
      await assert.rejects(call(), { name: 'TypeError', message: 'a bug' });
      assert.deepEqual(await books.ledger.balance(accountId), { availableMicroUsdc: 1_000_000n, heldMicroUsdc: 0n });
      assert.equal(inFlight.size, 0);
      await assert.rejects(call(), { code: 'OUTCOME_UNKNOWN', charged: '0.000000' });
    }));
});

describe('a bug of ours while a call is held', () => {
  it("comes out as it is, and leaves the provider's place to others", () =>
    withCallPath(
      { send: bug, ledgerOf: (ledger) => ({ ...ledger, openCall: bug }) },
      async ({ admission, inFlight, call }) => {
        await assert.rejects(call(), { name: 'TypeError', message: 'a bug' });
        assert.deepEqual([...admission.loads()], []);
        assert.equal(inFlight.size, 0);
      },
    ));
});
