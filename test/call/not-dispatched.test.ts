import assert from 'node:assert/strict';

import { storeUnavailable, UncertainCommit } from '../../runtime/store/store-fault.js';
import { weather, withCallPath, type CallPath } from './a-call-path.js';

/** Takes every place of the provider until the call waits for one, and gives them back. */
async function whileItWaits<Result>({ admission, books }: CallPath, call: () => Promise<Result>): Promise<Result> {
  const limits = { timeoutMs: 5_000, maxResponseBytes: 1, concurrency: 64 };
  const places = Array.from({ length: limits.concurrency }, () => admission.tryEnter('sandbox', limits)!);
  const called = call();
  const held = () => books.store.read.rows("SELECT 1 FROM calls WHERE state = 'held'");
  while ((await held()).length === 0) await new Promise(setImmediate);
  for (const leave of places) leave();
  return called;
}

describe('a call that waited for its place, and whose dispatch is not stored', () => {
  const CASES: readonly (readonly [string, (dispatch: () => Promise<boolean>) => Promise<never>, object])[] = [
    [
      'as the database fails',
      () => Promise.reject(storeUnavailable(new Error('down'))),
      { code: 'STORE_UNAVAILABLE', charged: '0.000000' },
    ],
    [
      'as far as anybody knows, for the answer to COMMIT was lost',
      async (dispatch) => {
        await dispatch();
        throw new UncertainCommit(new Error('Connection terminated unexpectedly'));
      },
      { code: 'STORE_UNAVAILABLE', charged: '0.000000' },
    ],
    ['through a bug of ours', () => Promise.reject(new TypeError('a bug')), new TypeError('a bug')],
  ];
  for (const [why, failing, expected] of CASES) {
    it(`is not sent, and is released at once with its key, ${why}`, () => {
      let sent = 0;
      return withCallPath(
        {
          send: () => {
            sent += 1;
            return weather();
          },
          ledgerOf: (ledger) => ({
            ...ledger,
            markDispatched: (...given) => failing(() => ledger.markDispatched(...given)),
          }),
        },
        async (path) => {
          const { books, accountId, call } = path;
          await assert.rejects(whileItWaits(path, call), expected);
          assert.deepEqual(await books.ledger.balance(accountId), {
            availableMicroUsdc: 1_000_000n,
            heldMicroUsdc: 0n,
          });
          const [row] = await books.store.read.rows('SELECT state, reason, dispatched_at_ms FROM calls');
          assert.deepEqual(row, { state: 'released', reason: 'not_dispatched', dispatched_at_ms: null });
          assert.equal(sent, 0);
          await call();
          assert.equal(sent, 1);
          assert.equal((await books.ledger.balance(accountId)).availableMicroUsdc, 998_000n);
        },
      );
    });
  }
});
