/** A receipt is of a time in which its key may sign, also that of the slowest call. */

import assert from 'node:assert/strict';

import { createLedger } from '../../runtime/ledger/create-ledger.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, MINUTE_MS, receiptOf, SIGNER } from './bank.js';

describe('a ledger whose receipt key ends', () => {
  let bank: Bank;
  beforeEach(async () => {
    bank = await Bank.open(STORES[0]!, 10n);
  });
  afterEach(() => bank.close());

  it('opens no call that could be captured after it: ten minutes for the upstream, and one on either side', async () => {
    const { clock, store } = bank;
    const endsAtMs = clock.nowMs() + 12 * MINUTE_MS + 1;
    const ledger = createLedger(store, { clock, signer: SIGNER, keyEndsAtMs: () => endsAtMs });
    const open = bank.call({ deadlineMs: clock.nowMs() + MINUTE_MS });
    assert.equal((await ledger.openCall(open)).outcome, 'opened');
    clock.advance(1);
    await assert.rejects(ledger.openCall(bank.call()), /takes no calls, because its receipt key ends at /);
    clock.advance(MINUTE_MS - 1);
    assert.equal(await ledger.markDispatched(open.callId, clock.nowMs() + 11 * MINUTE_MS), true);
    clock.advance(11 * MINUTE_MS);
    const { message } = receiptOf(await ledger.capture(captureOf(open.callId, 1n)));
    assert.ok(message.issuedAt * 1000 <= endsAtMs);
  });
});
