/**
 * Calls a second through the ledger alone: hold with its dispatch, and capture with its receipt, each durable, on SQLite
 * with synchronous=FULL. 64 calls at once, as they are and with one measure taken away at a time, which shows what group
 * commit, the combined dispatch, a signature for many receipts, the writing without a lock, the state that a batch leaves to
 * the next and the time within an id are worth; and one call at a time.
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { createAccounts } from '../../../runtime/account/accounts.js';
import { createAuthenticator } from '../../../runtime/account/authenticate.js';
import { createKeys } from '../../../runtime/account/keys.js';
import { newId, systemClock as clock } from '../../../runtime/clock.js';
import { Secret } from '../../../runtime/credential/secret.js';
import { creditByOperator } from '../../../runtime/deposit/operator-credit.js';
import { newCallId } from '../../../runtime/ledger/call-ids.js';
import { createLedger } from '../../../runtime/ledger/create-ledger.js';
import type { AccountId, CallId, KeyId, Ledger } from '../../../runtime/ledger/ledger.js';
import { publishKey } from '../../../runtime/receipt/published-keys.js';
import { createReceiptSigner } from '../../../runtime/receipt/sign-receipt.js';
import type { GroupCommand } from '../../../runtime/store/commit-queue.js';
import { openStore } from '../../../runtime/store/open-store.js';
import type { Store } from '../../../runtime/store/store.js';
import { PooledWriteConnection } from '../../../runtime/store/write-connection.js';
import type { BenchContext } from '../context.js';
import { interleave } from '../interleave.js';
import type { Figure, Measure } from '../measure.js';
import { temporaryDirectory } from '../temporary-directory.js';

export const ledger: Measure = { name: 'ledger', run };

const AT_ONCE = 64;

/** What can be taken away. */
interface Measures {
  readonly groupCommit: boolean;
  readonly combinedDispatch: boolean;
  /** The receipts of a commit share a signature. */
  readonly signedTogether: boolean;
  /** The ids of calls begin with their time. */
  readonly timedIds: boolean;
  readonly planning: Planning;
}

const ALL: Measures = {
  groupCommit: true,
  combinedDispatch: true,
  signedTogether: true,
  timedIds: true,
  planning: (group) => group,
};

const KEY = new Secret(`0x${'1f'.repeat(32)}`);

async function run({ quick, say }: BenchContext): Promise<readonly Figure[]> {
  const books = {
    whole: await openBooks(ALL),
    ungrouped: await openBooks({ ...ALL, groupCommit: false }),
    apart: await openBooks({ ...ALL, combinedDispatch: false }),
    signedAlone: await openBooks({ ...ALL, signedTogether: false }),
    locked: await openBooks(ALL),
    inTurn: await openBooks({ ...ALL, planning: waiting }),
    reloaded: await openBooks({ ...ALL, planning: forgetting }),
    untimed: await openBooks({ ...ALL, timedIds: false }),
  };
  const calls = quick ? 320 : 2_560;
  const together = (each: BenchBooks, count = calls) => callsPerSecond(count, AT_ONCE, each.oneCall);

  say('hold and capture, 64 at once, with and without each measure');
  const counts = countStatements();
  for (const each of Object.values(books)) await together(each, AT_ONCE);
  const statements: number[] = [];
  const commits: number[] = [];
  const result = await interleave(quick ? 2 : 5, {
    whole: async () => {
      const before = counts.now();
      const figure = await together(books.whole);
      const after = counts.now();
      statements.push((after.statements - before.statements) / calls);
      commits.push(calls / (after.commits - before.commits));
      return figure;
    },
    ungrouped: () => together(books.ungrouped, calls / 8),
    apart: () => together(books.apart),
    signedAlone: () => together(books.signedAlone),
    locked: () => withLocks(() => together(books.locked)),
    inTurn: () => together(books.inTurn),
    reloaded: () => together(books.reloaded),
    untimed: () => together(books.untimed),
    alone: () => callsPerSecond(calls / 16, 1, books.whole.oneCall),
  });
  counts.stop();
  for (const each of Object.values(books)) await each.close();

  const figure = { measure: `ledger alone, ${AT_ONCE} at once`, value: result.median('whole'), unit: 'calls/s' };
  const against = (name: Exclude<keyof typeof result.figures, 'whole'>, what: string): Figure => ({
    ...figure,
    against: { what, value: result.median(name) },
    ratio: result.ratio('whole', name),
  });
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;
  return [
    against('ungrouped', 'without group commit'),
    against('apart', 'dispatched in a commit of its own'),
    against('signedAlone', 'each receipt signed by itself'),
    against('locked', 'locked while it is read'),
    against('inTurn', 'planned when the batch before is written'),
    against('reloaded', 'with the state loaded for each batch'),
    against('untimed', 'ids of random bits alone'),
    against('alone', 'one call at a time'),
    { measure: `group commit, ${AT_ONCE} at once`, value: mean(commits), unit: 'calls a transaction' },
    { measure: `SQL, ${AT_ONCE} at once`, value: mean(statements), unit: 'statements a call' },
  ];
}

interface BenchBooks {
  readonly oneCall: () => Promise<void>;
  /** Checks the books before it closes them. */
  readonly close: () => Promise<void>;
}

async function openBooks({
  groupCommit,
  combinedDispatch,
  signedTogether,
  timedIds,
  planning,
}: Measures): Promise<BenchBooks> {
  const url = `sqlite:${join(temporaryDirectory(), 'tollgate.db')}`;
  const store = planned(await openStore({ url, clock, ...(groupCommit ? {} : { maxBatch: 1 }) }), planning);
  const signer = createReceiptSigner(KEY, signedTogether ? {} : { few: Infinity });
  await publishKey(store, clock, signer.address);
  const books = createLedger(store, { clock, signer });
  const authenticator = createAuthenticator(store, { clock });
  const accountId = await createAccounts(store, { clock, authenticator }).create('bench');
  await creditByOperator(books, clock, { accountId, amountMicroUsdc: 1_000_000_000_000n });
  const { keyId } = await createKeys(store, { clock, authenticator }).create({ accountId, name: 'bench' });
  return {
    oneCall: () => holdAndCapture(books, { accountId, keyId, combinedDispatch, timedIds }),
    close: async () => {
      const broken = (await books.checkMoney()).filter(({ violations }) => violations.length > 0);
      await store.close();
      if (broken.length > 0) throw new Error(`the books do not hold: ${JSON.stringify(broken)}`);
    },
  };
}

async function callsPerSecond(calls: number, atOnce: number, oneCall: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  let begun = 0;
  const caller = async (): Promise<void> => {
    while (begun++ < calls) await oneCall();
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return (calls * 1000) / (performance.now() - startMs);
}

interface Buyer {
  readonly accountId: AccountId;
  readonly keyId: KeyId;
  readonly combinedDispatch: boolean;
  readonly timedIds: boolean;
}

async function holdAndCapture(books: Ledger, { accountId, keyId, combinedDispatch, timedIds }: Buyer): Promise<void> {
  const callId = timedIds ? newCallId(clock) : (newId(clock, 'call') as CallId);
  const deadlineMs = clock.nowMs() + 60_000;
  const opened = await books.openCall({
    callId,
    accountId,
    keyId,
    endpoint: 'sandbox/get-product',
    provider: 'sandbox',
    sellerId: 'tollgate',
    requestDigest: DIGEST,
    maxChargeMicroUsdc: 1_000n,
    deadlineMs,
    ...(combinedDispatch ? { dispatchDeadlineMs: deadlineMs } : {}),
  });
  if (opened.outcome !== 'opened') throw new Error(`a call was not opened: ${opened.outcome}`);
  if (!combinedDispatch && !(await books.markDispatched(callId, deadlineMs)))
    throw new Error('a call was not dispatched');
  const captured = await books.capture({
    callId,
    chargeMicroUsdc: 1_000n,
    answer: { status: 200, headers: {}, contentType: 'application/json', body: BODY, warnings: [] },
    unitPrice: '0.001000 per call',
    units: '1',
    answerDigest: DIGEST,
    catalogueDigest: DIGEST,
  });
  if (captured.outcome !== 'captured') throw new Error(`a call was not captured: ${captured.outcome}`);
}

const BODY = Buffer.from(JSON.stringify({ id: 'p-001', name: 'Steel bottle', price: '18.50' }));
const DIGEST = createHash('sha256').update(BODY).digest('hex');

interface Counts {
  readonly statements: number;
  readonly commits: number;
}

/** Every batch takes a lock before it reads, while this is done. */
async function withLocks<Result>(work: () => Promise<Result>): Promise<Result> {
  const prototype = PooledWriteConnection.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
  const { beginOptimistically } = prototype;
  prototype.beginOptimistically = () => Promise.resolve(undefined);
  try {
    return await work();
  } finally {
    Object.assign(prototype, { beginOptimistically });
  }
}

/** How a group plans, in place of how it does. */
type Planning = <Input, Result>(group: GroupCommand<Input, Result>) => GroupCommand<Input, Result>;

/** As if somebody else had written between any two batches, so that none goes on with the state of the one before. */
const forgetting: Planning = (group) => (sql, inputs) => group(sql, inputs, {});

/** A statement that waits for the batch before. */
const waiting: Planning = (group) => async (sql, inputs, basis) => {
  await sql.prepared('SELECT 1');
  return group(sql, inputs, basis);
};

/** The store, with one group, which plans in this way. */
function planned(store: Store, planning: Planning): Store {
  let known: GroupCommand<never, unknown> | undefined;
  return {
    ...store,
    writeTogether: <Input, Result>(group: GroupCommand<Input, Result>, input: Input) => {
      known ??= planning(group);
      return store.writeTogether(known as GroupCommand<Input, Result>, input);
    },
  };
}

/** Counts what the stores' writing connections do, which tell nobody of it by themselves. */
function countStatements(): { now(): Counts; stop(): void } {
  const prototype = PooledWriteConnection.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const { prepared, run, commit, beginOptimistically } = prototype;
  let statements = 0;
  let commits = 0;
  prototype.prepared = function (this: PooledWriteConnection, ...args: Parameters<typeof prepared>) {
    statements += 1;
    return prepared.apply(this, args);
  };
  prototype.run = function (this: PooledWriteConnection, ...args: Parameters<typeof run>) {
    statements += 1;
    return run.apply(this, args);
  };
  prototype.commit = function (this: PooledWriteConnection) {
    commits += 1;
    return commit.call(this);
  };
  prototype.beginOptimistically = async function (this: PooledWriteConnection) {
    const optimistic = await beginOptimistically.call(this);
    if (optimistic === undefined) return undefined;
    return {
      ...optimistic,
      write: (call) => {
        statements += 1;
        commits += 1;
        return optimistic.write(call);
      },
    };
  };
  return {
    now: () => ({ statements, commits }),
    stop: () => Object.assign(prototype, { prepared, run, commit, beginOptimistically }),
  };
}
