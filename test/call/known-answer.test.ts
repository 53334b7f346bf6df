import assert from 'node:assert/strict';

import type { Caller } from '../../runtime/account/authenticate.js';
import { replay } from '../../runtime/call/known-answer.js';
import type { CallRecord, Ledger } from '../../runtime/ledger/ledger.js';

const CALLER = { accountId: 'acct_1', keyId: 'key_1', accountName: 'test' } as Caller;

describe('a key whose call was never sent, and that another call has taken meanwhile', () => {
  it('asks for patience: whether the other call is the same one is looked at when it is asked again', async () => {
    const claimed = { callId: 'call_1', state: 'held', requestDigest: 'one' } as unknown as CallRecord;
    const other = {
      callId: 'call_2',
      state: 'released',
      requestDigest: 'other',
      told: { error: { code: 'UPSTREAM_ERROR' } },
    } as unknown as CallRecord;
    const ledger = { findClaim: () => Promise.resolve(other) } as unknown as Ledger;
    const asked = { caller: CALLER, digest: 'one', idempotencyDigest: 'key' };
    await assert.rejects(replay({ ledger, inFlight: new Map() }, asked, claimed), {
      code: 'IDEMPOTENCY_KEY_IN_USE',
      details: { request_id: 'call_2', retry_after_seconds: 1 },
    });
  });
});
