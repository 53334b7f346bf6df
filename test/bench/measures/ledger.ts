/**
 * Calls a second through the ledger alone: hold, dispatch mark and capture with its receipt, each durable, on SQLite
 * with synchronous=FULL; one call at a time, and 64 at once. How many of those three commands shared one transaction
 * shows what group commit is worth.
 */

import { createHash } from 'node:crypto';
import { join } from 'node:path';

import { newId, systemClock } from '../../../runtime/clock.js';
import { readConfig } from '../../../runtime/config.js';
import { creditByOperator } from '../../../runtime/deposit/operator-credit.js';
import type { AccountId, CallId, KeyId } from '../../../runtime/ledger/ledger.js';
import { openBooks, type Books } from '../../../runtime/books.js';
import { PooledWriteConnection } from '../../../runtime/store/write-connection.js';
import type { BenchContext } from '../context.js';
import { interleave } from '../interleave.js';
import type { Figure, Measure } from '../measure.js';
import { temporaryDirectory } from '../temporary-directory.js';

export const ledger: Measure = { name: 'ledger', run };

const COMMANDS_A_CALL = 3;
const AT_ONCE = 64;

async function run({ quick, say }: BenchContext): Promise<readonly Figure[]> {
  const dir = temporaryDirectory();
  const environment = { TOLLGATE_DATA_DIR: dir, DATABASE_URL: `sqlite:${join(dir, 'tollgate.db')}` };
  const books = await openBooks(readConfig(environment, {}));
  const accountId = await books.accounts.create('bench');
  await creditByOperator(books.ledger, systemClock, { accountId, amountMicroUsdc: 1_000_000_000_000n });
  const { keyId } = await books.keys.create({ accountId, name: 'bench' });
  const oneCall = () => holdAndCapture(books, accountId, keyId);

  const commits = countCommits();
  const commandsACommit: number[] = [];
  say('hold and capture, one at a time and 64 at once');
  await callsPerSecond(AT_ONCE, AT_ONCE, oneCall);
  const result = await interleave(quick ? 2 : 3, {
    alone: () => callsPerSecond(quick ? 50 : 200, 1, oneCall),
    together: async () => {
      const calls = quick ? 320 : 1_280;
      const before = commits.count;
      const figure = await callsPerSecond(calls, AT_ONCE, oneCall);
      commandsACommit.push((calls * COMMANDS_A_CALL) / (commits.count - before));
      return figure;
    },
  });
  commits.stop();
  const broken = (await books.ledger.check()).filter(({ violations }) => violations.length > 0);
  await books.store.close();
  if (broken.length > 0) throw new Error(`the books do not hold: ${JSON.stringify(broken)}`);

  const shared = commandsACommit.reduce((sum, each) => sum + each, 0) / commandsACommit.length;
  return [
    {
      measure: `ledger alone, ${AT_ONCE} at once`,
      value: result.median('together'),
      unit: 'calls/s',
      against: { what: 'one at a time', value: result.median('alone') },
      ratio: result.ratio('together', 'alone'),
    },
    { measure: `group commit, ${AT_ONCE} at once`, value: shared, unit: 'commands a transaction' },
  ];
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

async function holdAndCapture({ ledger: books }: Books, accountId: AccountId, keyId: KeyId): Promise<void> {
  const callId = newId(systemClock, 'call') as CallId;
  const deadlineMs = systemClock.nowMs() + 60_000;
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
  });
  if (opened.outcome !== 'opened') throw new Error(`a call was not opened: ${opened.outcome}`);
  if (!(await books.markDispatched(callId, deadlineMs))) throw new Error('a call was not dispatched');
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

/** Counts the transactions of the store's writing connection, which tells nobody of them by itself. */
function countCommits(): { readonly count: number; stop(): void } {
  const prototype = PooledWriteConnection.prototype;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
  const { commit } = prototype;
  let count = 0;
  prototype.commit = function (this: PooledWriteConnection) {
    count += 1;
    return commit.call(this);
  };
  return {
    get count() {
      return count;
    },
    stop: () => {
      prototype.commit = commit;
    },
  };
}
