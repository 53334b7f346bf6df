/**
 * The state machine by itself: what each command decides on a state that is given in full, without a database. What a
 * refusal, a mistake or a second try changes is nothing.
 */

import assert from 'node:assert/strict';

import { BrokenInvariant } from '../../runtime/ledger/broken-invariant.js';
import type { CaptureCommand, LedgerCommand, OpenCommand } from '../../runtime/ledger/command.js';
import { decide } from '../../runtime/ledger/decide.js';
import type { AccountId, CallId, KeyId, OpenCall, ReleaseCall } from '../../runtime/ledger/ledger.js';
import {
  applyChanges,
  availableOf,
  emptyState,
  type Account,
  type LedgerState,
  type Transfer,
} from '../../runtime/ledger/ledger-state.js';
import { captureOf, MINUTE_MS, releaseOf } from './bank.js';

const BUYER = 'acct_1' as AccountId;
const NOW_MS = Date.UTC(2026, 2, 9, 12);

const account = (kind: Account['kind'], creditsPosted = 0n): Account => ({
  kind,
  frozen: false,
  debitsPending: 0n,
  debitsPosted: 0n,
  creditsPending: 0n,
  creditsPosted,
  statedUntilMs: 0,
});

function stateWith(funds: bigint): LedgerState {
  const state = emptyState();
  state.accounts.set(BUYER, account('buyer', funds));
  state.accounts.set('platform', account('platform'));
  state.accounts.set('deposits', account('deposits'));
  return state;
}

const callId = (number: number): CallId => `call_${number.toString(16).padStart(32, '0')}` as CallId;

const open = (number: number, held: bigint, more: Partial<OpenCall> = {}, feeBps = 0): OpenCommand => ({
  kind: 'open',
  open: {
    callId: callId(number),
    accountId: BUYER,
    keyId: 'key_1' as KeyId,
    endpoint: 'weather/forecast',
    provider: 'weather',
    sellerId: 'weather-inc',
    requestDigest: 'ab'.repeat(32),
    maxChargeMicroUsdc: held,
    deadlineMs: NOW_MS + MINUTE_MS,
    ...more,
  },
  feeBps,
  nowMs: NOW_MS,
});
const capture = (number: number, charge: bigint): CaptureCommand => ({
  kind: 'capture',
  capture: captureOf(callId(number), charge),
  nowMs: NOW_MS,
  answerTtlMs: 1,
});
const release = (number: number, more: Partial<ReleaseCall> = {}): LedgerCommand => ({
  kind: 'release',
  release: releaseOf(callId(number), more),
  nowMs: NOW_MS,
  answerTtlMs: 1,
});
const expire = (number: number, nowMs: number): LedgerCommand => ({
  kind: 'expire',
  callId: callId(number),
  isStranded: false,
  nowMs,
});
const dispatch = (number: number): LedgerCommand => ({
  kind: 'dispatch',
  callId: callId(number),
  deadlineMs: NOW_MS + MINUTE_MS,
  nowMs: NOW_MS,
});

/** Decides each command on what those before it have left. */
function outcomes(state: LedgerState, commands: readonly LedgerCommand[]): readonly string[] {
  return commands.map((command) => {
    const { outcome, changes } = decide(state, command);
    if (changes !== undefined) applyChanges(state, changes);
    return outcome.outcome;
  });
}

const lose = (number: number): LedgerCommand => ({
  kind: 'delivery',
  callId: callId(number),
  undeliveredUntilMs: NOW_MS + MINUTE_MS,
  nowMs: NOW_MS,
});

const deposit = (transferId: string, amountMicroUsdc: bigint): LedgerCommand => ({
  kind: 'deposit',
  transferId,
  accountId: BUYER,
  amountMicroUsdc,
  reference: 'test',
  nowMs: NOW_MS,
});

const LATER_MS = NOW_MS + MINUTE_MS;
const key = { idempotencyDigest: '12'.repeat(32) };

/** [what is asked, funds, commands, what comes of each, what is left] */
const HISTORIES: readonly (readonly [string, bigint, readonly LedgerCommand[], readonly string[], bigint])[] = [
  ['a call that is paid', 10n, [open(1, 4n), dispatch(1), capture(1, 3n)], ['opened', 'dispatched', 'captured'], 7n],
  ['two calls on funds for one', 5n, [open(1, 4n), open(2, 4n)], ['opened', 'insufficient-funds'], 1n],
  ['two captures', 5n, [open(1, 4n), capture(1, 4n), capture(1, 4n)], ['opened', 'captured', 'resolved-before'], 1n],
  [
    'a release after a capture',
    5n,
    [open(1, 4n), capture(1, 4n), release(1)],
    ['opened', 'captured', 'resolved-before'],
    1n,
  ],
  [
    'a capture after a release',
    5n,
    [open(1, 4n), release(1), capture(1, 4n)],
    ['opened', 'released', 'resolved-before'],
    5n,
  ],
  [
    'the sweeper after a capture',
    5n,
    [open(1, 4n), capture(1, 4n), expire(1, LATER_MS)],
    ['opened', 'captured', 'not-due'],
    1n,
  ],
  [
    'a capture after the sweeper',
    5n,
    [open(1, 4n), dispatch(1), expire(1, LATER_MS), capture(1, 4n)],
    ['opened', 'dispatched', 'unknown', 'resolved-before'],
    5n,
  ],
  ['the sweeper before the deadline', 5n, [open(1, 4n), expire(1, LATER_MS - 1)], ['opened', 'not-due'], 1n],
  [
    'a dispatch after the sweeper',
    5n,
    [open(1, 4n), expire(1, LATER_MS), dispatch(1)],
    ['opened', 'released', 'not-held'],
    5n,
  ],
  ['a second dispatch', 5n, [open(1, 4n), dispatch(1), dispatch(1)], ['opened', 'dispatched', 'not-held'], 1n],
  ['a key that is claimed', 5n, [open(1, 1n, key), open(2, 1n, key)], ['opened', 'claimed'], 4n],
  [
    'a key that a release has kept',
    5n,
    [open(1, 1n, key), release(1), open(2, 1n, key)],
    ['opened', 'released', 'claimed'],
    5n,
  ],
  [
    'a key that the sweeper has freed',
    5n,
    [open(1, 1n, key), expire(1, LATER_MS), open(2, 1n, key)],
    ['opened', 'released', 'opened'],
    4n,
  ],
  [
    'two calls after one whose answer was lost',
    5n,
    [open(1, 1n), dispatch(1), capture(1, 1n), lose(1), open(2, 1n), open(3, 1n)],
    ['opened', 'dispatched', 'captured', 'noted', 'undelivered', 'opened'],
    3n,
  ],
  [
    'a call that is to be its own after one whose answer was lost',
    5n,
    [open(1, 1n), dispatch(1), capture(1, 1n), lose(1), open(2, 1n, { fresh: true })],
    ['opened', 'dispatched', 'captured', 'noted', 'opened'],
    3n,
  ],
  [
    'a call with a key after one whose answer was lost, and one without',
    5n,
    [open(1, 1n), dispatch(1), capture(1, 1n), lose(1), open(2, 1n, key), open(3, 1n)],
    ['opened', 'dispatched', 'captured', 'noted', 'opened', 'undelivered'],
    3n,
  ],
  [
    'a call after two answers that were lost, of which the first is still to come',
    5n,
    [open(1, 1n), dispatch(1), lose(1), open(2, 1n, { fresh: true }), capture(2, 1n), lose(2), open(3, 1n)],
    ['opened', 'dispatched', 'noted', 'opened', 'captured', 'noted', 'undelivered'],
    3n,
  ],
  [
    'a call between the loss of an answer and its arrival',
    5n,
    [open(1, 1n), dispatch(1), lose(1), open(2, 1n), capture(1, 1n), open(3, 1n)],
    ['opened', 'dispatched', 'noted', 'undelivered-running', 'captured', 'undelivered'],
    4n,
  ],
  [
    'a call after a failure that was not told, and may have acted',
    5n,
    [open(1, 1n), dispatch(1), lose(1), release(1), open(2, 1n), open(3, 1n)],
    ['opened', 'dispatched', 'noted', 'released', 'undelivered', 'opened'],
    4n,
  ],
  [
    'a call after a failure that was told in vain',
    5n,
    [open(1, 1n), dispatch(1), release(1), lose(1), open(2, 1n)],
    ['opened', 'dispatched', 'released', 'noted', 'undelivered'],
    5n,
  ],
  [
    'a call after a failure that was not told, and may be tried again',
    5n,
    [
      open(1, 1n),
      dispatch(1),
      lose(1),
      release(1, { told: { error: { code: 'UPSTREAM_ERROR', retryable: true } } }),
      open(2, 1n),
    ],
    ['opened', 'dispatched', 'noted', 'released', 'opened'],
    4n,
  ],
  ['a deposit twice', 0n, [deposit('dep_1', 5n), deposit('dep_2', 5n)], ['credited', 'credited-before'], 5n],
  [
    'a call after one that was never sent',
    5n,
    [open(1, 1n), release(1), lose(1), open(2, 1n)],
    ['opened', 'released', 'nothing-owed', 'opened'],
    4n,
  ],
  [
    'a day that is used up',
    9n,
    [open(1, 3n, { dailyLimitMicroUsdc: 4n }), open(2, 2n, { dailyLimitMicroUsdc: 4n })],
    ['opened', 'over-daily-limit'],
    6n,
  ],
  [
    'a call that is free, where the budget of the day was lowered below what is spent',
    9n,
    [open(1, 3n, { dailyLimitMicroUsdc: 4n }), open(2, 0n, { dailyLimitMicroUsdc: 2n })],
    ['opened', 'opened'],
    6n,
  ],
  [
    'a call that lacks funds and is over the budget of the day',
    3n,
    [open(1, 4n, { dailyLimitMicroUsdc: 2n })],
    ['insufficient-funds'],
    3n,
  ],
];

describe('the state machine of the ledger', () => {
  for (const [name, funds, commands, want, left] of HISTORIES) {
    it(`decides ${name}`, () => {
      const state = stateWith(funds);
      assert.deepEqual(outcomes(state, commands), want);
      assert.equal(availableOf(state.accounts.get(BUYER)!), left);
    });
  }

  it('moves as much on one side as on the other, fee included', () => {
    const state = stateWith(100n);
    outcomes(state, [open(1, 50n, {}, 1_000), capture(1, 45n), open(2, 30n, {}, 1_000)]);
    const sums = { pending: 0n, posted: 0n };
    for (const { debitsPending, creditsPending, debitsPosted, creditsPosted } of state.accounts.values()) {
      sums.pending += creditsPending - debitsPending;
      sums.posted += creditsPosted - debitsPosted;
    }
    // What the buyer began with came from outside this state.
    assert.deepEqual(sums, { pending: 0n, posted: 100n });
    assert.deepEqual(
      ['seller:weather-inc', 'platform'].map((id) => availableOf(state.accounts.get(id)!)),
      [41n, 4n],
    );
  });

  it('takes the fee that was agreed when the call was opened', () => {
    const state = stateWith(100n);
    outcomes(state, [open(1, 50n, {}, 10_000), capture(1, 50n)]);
    assert.equal(state.accounts.get('platform')?.creditsPosted, 50n);
  });

  it('chains the receipts of a batch', () => {
    const state = stateWith(100n);
    outcomes(state, [open(1, 1n), open(2, 1n)]);
    const first = decide(state, capture(1, 1n)).changes!;
    applyChanges(state, first);
    const second = decide(state, capture(2, 1n)).changes!;
    assert.deepEqual([first.receipt?.message.number, second.receipt?.message.number], [1, 2]);
    assert.equal(second.receipt?.message.previousDigest, first.receipt?.digest);
  });

  it('binds a key to its account, also within one batch', () => {
    const state = stateWith(5n);
    state.accounts.set('acct_2', account('buyer', 5n));
    const ofAnother = open(2, 1n, { ...key, accountId: 'acct_2' as AccountId });
    assert.deepEqual(outcomes(state, [open(1, 1n, key), ofAnother]), ['opened', 'opened']);
  });

  it('binds an undelivered answer to its account, also within one batch', () => {
    const state = stateWith(5n);
    state.accounts.set('acct_2', account('buyer', 5n));
    const ofAnother = open(2, 1n, { accountId: 'acct_2' as AccountId });
    const commands = [open(1, 1n), dispatch(1), capture(1, 1n), lose(1), ofAnother, open(3, 1n)];
    assert.deepEqual(outcomes(state, commands).slice(4), ['opened', 'undelivered']);
  });

  it('refuses a frozen account, even what costs nothing', () => {
    const state = stateWith(5n);
    state.accounts.set(BUYER, { ...account('buyer', 5n), frozen: true });
    assert.deepEqual(outcomes(state, [open(1, 0n)]), ['frozen']);
  });

  it('tells that an account is frozen, whatever else it lacks', () => {
    const state = stateWith(0n);
    state.accounts.set(BUYER, { ...account('buyer', 5n), frozen: true });
    assert.deepEqual(outcomes(state, [open(1, 6n, { dailyLimitMicroUsdc: 4n })]), ['frozen']);
  });

  it('refuses an account that was frozen while a call ran, also after that call', () => {
    const state = stateWith(5n);
    outcomes(state, [open(1, 1n)]);
    state.accounts.set(BUYER, { ...state.accounts.get(BUYER)!, frozen: true });
    assert.deepEqual(outcomes(state, [capture(1, 1n), open(2, 1n)]), ['captured', 'frozen']);
  });

  const seller = { ...account('seller'), debitsPending: 5n };
  for (const [name, from, to] of [
    ['a buyer with less than nothing', account('buyer', 4n), account('seller')],
    ['less than nothing pending on the side of the debit', account('seller'), { ...seller, creditsPending: 5n }],
    ['less than nothing pending on the side of the credit', seller, account('seller')],
  ] as const) {
    it(`goes no further with a transfer that leaves ${name}`, () => {
      const state = emptyState();
      state.accounts.set('from', from).set('to', to);
      const entry = { id: 't', debitAccount: 'from', creditAccount: 'to', amountMicroUsdc: 5n, createdAtMs: NOW_MS };
      const transfer: Transfer =
        from.kind === 'buyer'
          ? { ...entry, kind: 'direct' }
          : { ...entry, kind: 'post', pendingId: 'hold', heldMicroUsdc: 5n };
      assert.throws(() => applyChanges(state, { transfers: [transfer] }), BrokenInvariant);
    });
  }

  it('tells of nothing left where the budget of the day was lowered below what is spent', () => {
    const state = stateWith(9n);
    outcomes(state, [open(1, 3n, { dailyLimitMicroUsdc: 4n })]);
    const { outcome } = decide(state, open(2, 1n, { dailyLimitMicroUsdc: 2n }));
    assert.deepEqual(outcome, { outcome: 'over-daily-limit', leftMicroUsdc: 0n });
  });

  it('changes nothing by deciding', () => {
    const state = stateWith(100n);
    outcomes(state, [open(1, 50n)]);
    const before = structuredClone(state);
    decide(state, open(2, 10n));
    decide(state, capture(1, 50n));
    decide(state, release(1));
    decide(state, expire(1, LATER_MS));
    decide(state, lose(1));
    assert.deepEqual(state, before);
  });

  it('gives the same for the same', () => {
    assert.deepEqual(decide(stateWith(5n), open(1, 4n)), decide(stateWith(5n), open(1, 4n)));
  });

  for (const [name, command, error] of [
    ['a capture without a hold', capture(9, 1n), /there is no call/],
    ['a charge above the hold', capture(1, 51n), /above its hold of 50/],
    ['a charge below nothing', capture(1, -1n), /negative/],
    ['a release without a hold', release(9), /there is no call/],
    ['a call of nobody', open(2, 1n, { accountId: 'acct_2' as AccountId }), /no buyer has the account acct_2/],
    ['a call of what is no buyer', open(2, 1n, { accountId: 'deposits' as AccountId }), /no buyer has the account/],
  ] as const) {
    it(`knows ${name} as a mistake`, () => {
      const state = stateWith(100n);
      outcomes(state, [open(1, 50n)]);
      assert.throws(() => decide(state, command), error);
    });
  }
});
