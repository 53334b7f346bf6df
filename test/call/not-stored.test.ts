import assert from 'node:assert/strict';

import type { Ledger } from '../../runtime/ledger/ledger.js';
import { storeUnavailable } from '../../runtime/store/store-fault.js';
import type { Sender, UpstreamAnswer } from '../../runtime/upstream/send.js';
import { UpstreamFailure } from '../../runtime/upstream/upstream-failure.js';
import { withCallPath } from './a-call-path.js';

const full = () => Promise.reject(storeUnavailable(Object.assign(new Error('full'), { code: 'SQLITE_FULL' })));
const settlesNothing = (ledger: Ledger): Ledger => ({ ...ledger, capture: full, release: full });

const answers = (status: number) => (): Promise<UpstreamAnswer> =>
  Promise.resolve({ status, headers: {}, contentType: 'application/json', body: Buffer.from('{"city":"Paris"}') });
const fails = (sent: boolean) => () => Promise.reject(new UpstreamFailure('connect', 'no connection', { sent }));

const READ = { endpoint: 'sandbox/get-weather', arguments: { city: 'Paris' } };
const ORDER = {
  endpoint: 'sandbox/create-order',
  arguments: { body: { customer: { name: 'x' }, items: [{ product_id: 'p-001', quantity: 1 }] } },
};

const CHECK_FIRST =
  'not charged; the upstream may have acted on it: check before you repeat it with a new idempotency key';
const TRY_AGAIN =
  'try again in a few seconds, a call with the same idempotency key: it is charged at most once; if that goes on, tell ' +
  'the operator, who can make room on its disk';

describe('a call that was sent, and whose outcome the database does not take', () => {
  const CASES: readonly (readonly [string, typeof READ | typeof ORDER, Sender['send'], boolean])[] = [
    ['an order that was answered', ORDER, answers(200), false],
    ['an order that was answered with 404', ORDER, answers(404), false],
    ['an order whose answer was lost', ORDER, fails(true), false],
    ['an order that certainly did not arrive', ORDER, fails(false), true],
    ['an order that the upstream asks to send again', ORDER, answers(503), true],
    ['a read that was answered', READ, answers(200), true],
    ['a read that was answered with 404', READ, answers(404), true],
  ];
  for (const [what, input, send, mayRepeat] of CASES) {
    it(`says which request it was, and ${mayRepeat ? 'to try again' : 'to check before it is repeated'}: ${what}`, () =>
      withCallPath({ send, ledgerOf: settlesNothing }, async ({ callTool }) => {
        const outcome = await callTool(input);
        assert.ok(!outcome.ok);
        const { code, message, charged, retryable, remedy, request_id } = outcome.error.toBody();
        assert.deepEqual(
          [code, message, charged, retryable, remedy],
          [
            'STORE_UNAVAILABLE',
            'the database of this gateway has no room left',
            '0.000000',
            mayRepeat,
            mayRepeat ? TRY_AGAIN : CHECK_FIRST,
          ],
        );
        assert.match(request_id!, /^call_/);
      }));
  }
});
