/**
 * A ledger on an empty database, with one funded buyer: what the tests of money begin with. Closing it checks every
 * invariant of the books, so that a test which ends with `close` ends with double entry.
 */

import assert from 'node:assert/strict';

import { createAccounts } from '../../runtime/account/accounts.js';
import { createAuthenticator } from '../../runtime/account/authenticate.js';
import { createKeys } from '../../runtime/account/keys.js';
import type { Clock } from '../../runtime/clock.js';
import { Secret } from '../../runtime/credential/secret.js';
import { newCallId } from '../../runtime/ledger/call-ids.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import type {
  AccountId,
  CallId,
  CaptureCall,
  CaptureResult,
  KeyId,
  Ledger,
  OpenCall,
  ReleaseCall,
} from '../../runtime/ledger/ledger.js';
import { publishKey } from '../../runtime/receipt/published-keys.js';
import { createReceiptSigner } from '../../runtime/receipt/sign-receipt.js';
import type { Sql } from '../../runtime/store/sql.js';
import type { Store } from '../../runtime/store/store.js';
import type { StoreKind, TestDatabase } from '../store/stores.js';
import { TestClock } from './test-clock.js';

export const SIGNER = createReceiptSigner(new Secret(`0x${'11'.repeat(32)}`));

export const MINUTE_MS = 60_000;

export class Bank {
  private constructor(
    readonly database: TestDatabase,
    readonly store: Store,
    readonly ledger: Ledger,
    readonly clock: TestClock,
    /** The buyer, and its key. */
    readonly accountId: AccountId,
    readonly keyId: KeyId,
  ) {}

  static async open(kind: StoreKind, fundsMicroUsdc = 0n): Promise<Bank> {
    const clock = new TestClock();
    const database = await kind.create();
    const store = await database.open(clock);
    await publishKey(store, clock, SIGNER.address);
    const ledger = createLedger(store, { clock, signer: SIGNER });
    const [accountId, keyId] = await newBuyer(store, clock);
    if (fundsMicroUsdc > 0n) await ledger.deposit(accountId, fundsMicroUsdc, 'test:funds');
    return new Bank(database, store, ledger, clock, accountId, keyId);
  }

  /** Another buyer, with nothing. */
  buyer(): Promise<readonly [AccountId, KeyId]> {
    return newBuyer(this.store, this.clock);
  }

  /** The ledger of another gateway on the same database. */
  async anotherLedger(): Promise<Ledger> {
    return createLedger(await this.database.open(this.clock), { clock: this.clock, signer: SIGNER });
  }

  /** What opens a call of the buyer, for one micro-USDC unless said otherwise. */
  call(changes: Partial<OpenCall> = {}): OpenCall {
    return openOf(this, this.clock, changes);
  }

  /** Opens a call, and fails where it is refused. */
  async opened(changes: Partial<OpenCall> = {}): Promise<CallId> {
    const open = this.call(changes);
    const result = await this.ledger.openCall(open);
    assert.equal(result.outcome, 'opened');
    return open.callId;
  }

  /** Opens, dispatches and captures a call. */
  async captured(charge: bigint, changes: Partial<OpenCall> = {}): Promise<CallId> {
    const callId = await this.opened({ maxChargeMicroUsdc: charge, ...changes });
    assert.equal(await this.ledger.markDispatched(callId, this.clock.nowMs() + MINUTE_MS), true);
    const result = await this.ledger.capture(captureOf(callId, charge));
    assert.equal(result.outcome, 'captured');
    return callId;
  }

  async available(accountId = this.accountId): Promise<bigint> {
    return (await this.ledger.balance(accountId)).availableMicroUsdc;
  }

  async held(accountId = this.accountId): Promise<bigint> {
    return (await this.ledger.balance(accountId)).heldMicroUsdc;
  }

  /** What a table holds, for showing that a refusal left nothing behind. */
  async count(table: string): Promise<number> {
    const [row] = await this.store.read.rows(`SELECT COUNT(*) AS count FROM ${table}`);
    return Number(row?.['count']);
  }

  /** Does to the rows what no code of the gateway does. */
  tamper(work: (sql: Sql) => Promise<unknown>): Promise<unknown> {
    return this.store.write(work);
  }

  /** The invariants that do not hold, by name. */
  async broken(): Promise<readonly string[]> {
    const results = await this.ledger.check();
    return results.filter(({ violations }) => violations.length > 0).map(({ invariant }) => invariant);
  }

  /** Likewise, as a start checks them. */
  async brokenAtStart(): Promise<readonly string[]> {
    const results = await this.ledger.checkMoney();
    return results.filter(({ violations }) => violations.length > 0).map(({ invariant }) => invariant);
  }

  /** Checks the books, then drops the database. */
  async close(): Promise<void> {
    try {
      const results = await this.ledger.check();
      assert.equal(results.length, 16);
      assert.deepEqual(
        results.filter(({ violations }) => violations.length > 0),
        [],
      );
    } finally {
      await this.database.drop();
    }
  }
}

/** What opens a new call of the account, for one micro-USDC unless said otherwise. */
export function openOf(
  { accountId, keyId }: Pick<OpenCall, 'accountId' | 'keyId'>,
  clock: Clock,
  changes: Partial<OpenCall> = {},
): OpenCall {
  return {
    callId: newCallId(clock),
    accountId,
    keyId,
    endpoint: 'weather/forecast',
    provider: 'weather',
    sellerId: 'weather-inc',
    requestDigest: 'ab'.repeat(32),
    maxChargeMicroUsdc: 1n,
    deadlineMs: clock.nowMs() + MINUTE_MS,
    ...changes,
  };
}

export function captureOf(callId: CallId, chargeMicroUsdc: bigint, changes: Partial<CaptureCall> = {}): CaptureCall {
  return {
    callId,
    chargeMicroUsdc,
    answer: {
      status: 200,
      headers: { 'x-shown': 'yes' },
      contentType: 'application/json',
      body: Buffer.from('{"temperature":21.5}'),
      warnings: ['the answer is not what the document says'],
    },
    unitPrice: '0.000001 per call',
    units: '1',
    answerDigest: 'cd'.repeat(32),
    catalogueDigest: 'ef'.repeat(32),
    ...changes,
  };
}

export function releaseOf(callId: CallId, changes: Partial<ReleaseCall> = {}): ReleaseCall {
  return { callId, reason: 'upstream_status_500', told: { error: { code: 'UPSTREAM_ERROR' } }, ...changes };
}

export function receiptOf(result: CaptureResult) {
  assert.equal(result.outcome, 'captured');
  return result.receipt;
}

async function newBuyer(store: Store, clock: TestClock): Promise<readonly [AccountId, KeyId]> {
  const authenticator = createAuthenticator(store, { clock });
  const accountId = await createAccounts(store, { clock, authenticator }).create('buyer');
  const { keyId } = await createKeys(store, { clock, authenticator }).create({ accountId, name: 'test' });
  return [accountId, keyId];
}
