/** The promises on money under concurrency, at their figures (PROMISES 3, 4 and, with two processes, 10). */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { CallId, Ledger } from '../../runtime/ledger/ledger.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, releaseOf } from './bank.js';

/** The promise's figure is 1,000; without TEST_FULL a tenth of it keeps the run short. */
const HOLDS = process.env['TEST_FULL'] === undefined ? 100 : 1_000;

for (const kind of STORES) {
  describe(`under concurrency, on ${kind.name}`, function () {
    this.timeout(600_000);
    let bank: Bank;

    afterEach(() => bank.close());

    async function openAndCapture(ledger: Ledger): Promise<boolean> {
      const open = bank.call();
      const opened = await ledger.openCall(open);
      if (opened.outcome !== 'opened') {
        assert.deepEqual(opened, { outcome: 'insufficient-funds', availableMicroUsdc: 0n });
        return false;
      }
      assert.equal((await ledger.capture(captureOf(open.callId, 1n))).outcome, 'captured');
      return true;
    }

    it('1,000 parallel calls on funds for exactly 100 capture exactly 100 and leave nothing', async () => {
      bank = await Bank.open(kind, 100n);
      const captured = await Promise.all(Array.from({ length: 1_000 }, () => openAndCapture(bank.ledger)));
      assert.equal(captured.filter(Boolean).length, 100);
      assert.deepEqual(await bank.ledger.balance(bank.accountId), { availableMicroUsdc: 0n, heldMicroUsdc: 0n });
      assert.equal(await bank.count('receipts'), 100);
    });

    it('two gateways on one database capture exactly what the funds allow', async () => {
      bank = await Bank.open(kind, 50n);
      const other = await bank.anotherLedger();
      const captured = await Promise.all(
        Array.from({ length: 400 }, (_, index) => openAndCapture(index % 2 === 0 ? bank.ledger : other)),
      );
      assert.equal(captured.filter(Boolean).length, 50);
      assert.equal(await bank.available(), 0n);
    });

    it('two processes on one database capture exactly what the funds allow', async () => {
      bank = await Bank.open(kind, 60n);
      const captured = await Promise.all([spend(bank, 150), spend(bank, 150)]);
      assert.equal(captured[0] + captured[1], 60);
      assert.equal(await bank.available(), 0n);
      assert.equal(await bank.count('receipts'), 60);
    });

    for (const [gateways, holds] of [
      ['one gateway', HOLDS],
      ['two gateways', HOLDS / 10],
    ] as const) {
      it(`resolves each of ${holds} holds once under 64 concurrent captures and releases, on ${gateways}`, async () => {
        bank = await Bank.open(kind, BigInt(holds));
        const other = gateways === 'one gateway' ? bank.ledger : await bank.anotherLedger();
        let charged = 0;
        for (let left = holds; left > 0; left -= 10) {
          const calls = await Promise.all(Array.from({ length: 10 }, () => bank.opened()));
          const captured = await Promise.all(calls.map((callId) => race(callId, [bank.ledger, other])));
          charged += captured.filter(Boolean).length;
        }
        assert.deepEqual(await bank.ledger.balance(bank.accountId), {
          availableMicroUsdc: BigInt(holds - charged),
          heldMicroUsdc: 0n,
        });
        assert.equal(await bank.count('receipts'), charged);
      });
    }

    it('claims an idempotency key once, of 50 duplicates on two gateways', async () => {
      bank = await Bank.open(kind, 100n);
      const other = await bank.anotherLedger();
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          (index % 2 === 0 ? bank.ledger : other).openCall(bank.call({ idempotencyDigest: 'be'.repeat(32) })),
        ),
      );
      assert.equal(results.filter(({ outcome }) => outcome === 'opened').length, 1);
      assert.equal(results.filter(({ outcome }) => outcome === 'claimed').length, 49);
      assert.equal(await bank.held(), 1n);
    });

    it('keeps a key within its day under 200 simultaneous calls', async () => {
      bank = await Bank.open(kind, 1_000n);
      const results = await Promise.all(
        Array.from({ length: 200 }, () => bank.ledger.openCall(bank.call({ dailyLimitMicroUsdc: 30n }))),
      );
      assert.equal(results.filter(({ outcome }) => outcome === 'opened').length, 30);
      assert.equal(results.filter(({ outcome }) => outcome === 'over-daily-limit').length, 170);
    });

    it('keeps the chain of an account without gap or fork under 100 simultaneous captures on two gateways', async () => {
      bank = await Bank.open(kind, 100n);
      const other = await bank.anotherLedger();
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => openAndCapture(index % 2 === 0 ? bank.ledger : other)),
      );
      const rows = await bank.store.read.rows('SELECT number FROM receipts ORDER BY number');
      assert.deepEqual(
        rows.map(({ number }) => Number(number)),
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
    });
  });
}

/** 32 captures and 32 releases of one hold at once, on two gateways. Whether a capture was the one that won. */
async function race(callId: CallId, ledgers: readonly [Ledger, Ledger]): Promise<boolean> {
  const outcomes = await Promise.all(
    Array.from({ length: 64 }, async (_, index) => {
      const ledger = ledgers[index % 4 < 2 ? 0 : 1];
      const result = await (index % 2 === 0
        ? ledger.capture(captureOf(callId, 1n))
        : ledger.release(releaseOf(callId)));
      return result.outcome;
    }),
  );
  const winners = outcomes.filter((outcome) => outcome !== 'resolved-before');
  assert.equal(winners.length, 1);
  return winners[0] === 'captured';
}

/** Another process that opens and captures calls of one micro-USDC. How many it captured. */
async function spend(bank: Bank, tries: number): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      fileURLToPath(new URL('spend.ts', import.meta.url)),
      bank.database.url,
      bank.accountId,
      bank.keyId,
      String(tries),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  assert.equal(status, 0);
  return Number(printed);
}
