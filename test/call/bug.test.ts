import assert from 'node:assert/strict';

import { Ajv2020 } from 'ajv/dist/2020.js';

import { GatewayError } from '../../runtime/gateway-error.js';
import type { Ledger } from '../../runtime/ledger/ledger.js';
import { TOOLS, type ToolOutcome } from '../../runtime/mcp/toolbox.js';
import { weather, withCallPath } from './a-call-path.js';

const bug = () => Promise.reject(new TypeError('a bug'));

/** What is told of a bug, but for its remedy. */
const told = (outcome: ToolOutcome) => {
  assert.ok(!outcome.ok);
  const { code, message, charged, retryable, request_id } = outcome.error.toBody();
  assert.match(request_id!, /^call_/);
  return { code, message, charged, retryable };
};

const INTERNAL = { code: 'INTERNAL', message: 'the gateway failed at this request', retryable: false };

describe('a bug of ours while a call is being sent', () => {
  it('comes out as it is, leaves nothing held, and the key tells that the outcome is not known', () =>
    withCallPath({ send: bug }, async ({ books, inFlight, accountId, call }) => {
      await assert.rejects(call(), { name: 'BugInCall', chargedMicroUsdc: 0n, cause: new TypeError('a bug') });
      assert.deepEqual(await books.ledger.balance(accountId), { availableMicroUsdc: 1_000_000n, heldMicroUsdc: 0n });
      assert.equal(inFlight.size, 0);
      await assert.rejects(call(), { code: 'OUTCOME_UNKNOWN', charged: '0.000000' });
    }));
});

describe('what is expected elsewhere and thrown while a call is being sent', () => {
  it('is a bug too, and leaves nothing held', () => {
    const lost = () => Promise.reject(new GatewayError('STORE_UNAVAILABLE', 'lost', 'later'));
    return withCallPath({ send: lost }, async ({ books, accountId, call }) => {
      await assert.rejects(call(), { name: 'BugInCall', chargedMicroUsdc: 0n });
      assert.equal((await books.ledger.balance(accountId)).heldMicroUsdc, 0n);
    });
  });
});

describe('a bug of ours when an answer is there', () => {
  it('leaves nothing held, and says which request it was and that it was not charged', () =>
    withCallPath(
      { send: weather, ledgerOf: (ledger) => ({ ...ledger, capture: bug }) },
      async ({ books, accountId, callTool }) => {
        assert.deepEqual(told(await callTool({})), { ...INTERNAL, charged: '0.000000' });
        assert.deepEqual(await books.ledger.balance(accountId), { availableMicroUsdc: 1_000_000n, heldMicroUsdc: 0n });
      },
    ));

  it('says that nobody knows what it cost, where the database does not answer', () =>
    withCallPath(
      { send: weather, ledgerOf: (ledger) => ({ ...ledger, capture: bug, release: bug }) },
      async ({ callTool }) => {
        const outcome = await callTool({});
        assert.deepEqual(told(outcome), { ...INTERNAL, charged: null });
        // Clients of MCP check what they are told, and throw it away where it does not fit.
        const { outputSchema } = TOOLS.find(({ name }) => name === 'call_api')!;
        assert.ok(!outcome.ok && new Ajv2020({ strict: false }).validate(outputSchema, outcome.error.toBody()));
      },
    ));
});

describe('a bug of ours after a call was charged', () => {
  const afterCapture = (ledger: Ledger): Ledger => ({
    ...ledger,
    capture: async (capture) => {
      await ledger.capture(capture);
      return bug();
    },
  });
  const withoutBalance = (ledger: Ledger): Ledger => ({
    ...ledger,
    capture: async (capture) => ({ ...(await ledger.capture(capture)), availableMicroUsdc: undefined }) as never,
    balance: async (accountId) => ({ ...(await ledger.balance(accountId)), availableMicroUsdc: undefined }) as never,
  });

  for (const [when, ledgerOf] of [
    ['was captured', afterCapture],
    ['is presented', withoutBalance],
  ] as const) {
    it(`says what it cost, when the answer ${when}`, () =>
      withCallPath({ send: weather, ledgerOf }, async ({ books, accountId, callTool }) => {
        assert.deepEqual(told(await callTool({})), { ...INTERNAL, charged: '0.002000' });
        assert.deepEqual(await books.ledger.balance(accountId), { availableMicroUsdc: 998_000n, heldMicroUsdc: 0n });
      }));
  }

  it('costs nothing more when the answer is told again', () =>
    withCallPath({ send: weather, ledgerOf: withoutBalance }, async ({ callTool }) => {
      const key = { idempotency_key: 'a' };
      assert.equal(told(await callTool(key)).charged, '0.002000');
      assert.equal(told(await callTool(key)).charged, '0.000000');
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
