import assert from 'node:assert/strict';

import { Secret } from '../../runtime/credential/secret.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import type { AccountId } from '../../runtime/ledger/ledger.js';
import { publishedKeys } from '../../runtime/receipt/published-keys.js';
import { digestSigner } from '../../runtime/receipt/sign-digest.js';
import { depositsDigest } from '../../runtime/statement/deposits-digest.js';
import { exportStatement } from '../../runtime/statement/export-statement.js';
import { statementDigest, type Statement, type StatementMessage } from '../../runtime/statement/statement.js';
import { verifyStatement, verifyStatements } from '../../runtime/statement/verify-statement.js';
import type { GroupCommand } from '../../runtime/store/commit-queue.js';
import type { Store } from '../../runtime/store/store.js';
import { Bank, captureOf, SIGNER } from '../ledger/bank.js';
import { STORES } from '../store/stores.js';

const NOW = 1_773_057_600;
const KEY = new Secret(`0x${'11'.repeat(32)}`);
const sign = digestSigner(KEY);
const TRUST = { signers: [{ address: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A', validFrom: NOW }] };

/** A second passes, so that what was done belongs to a time that is over. */
const export_ = (bank: Bank, time: { since?: number; until?: number } = {}, accountId = bank.accountId) => {
  bank.clock.advance(1_000);
  return exportStatement(bank.store, bank.clock, sign, { accountId, ...time });
};

for (const kind of STORES) {
  describe(`the statement of an account on ${kind.name}`, () => {
    let bank: Bank;
    beforeEach(async () => {
      bank = await Bank.open(kind, 1_000n);
    });
    afterEach(() => bank.close());

    it('says what came in, what was charged and what is left', async () => {
      await bank.captured(30n);
      await bank.captured(12n);
      await bank.opened({ maxChargeMicroUsdc: 500n });
      await bank.ledger.deposit(bank.accountId, 8n, 'test:second');
      const { message, deposits, receipts } = await export_(bank);
      assert.deepEqual(
        [message.openingMicroUsdc, message.depositedMicroUsdc, message.chargedMicroUsdc, message.closingMicroUsdc],
        ['0', '1008', '42', '966'],
      );
      assert.deepEqual(
        deposits.map(({ reference, amountMicroUsdc, creditedAt }) => [reference, amountMicroUsdc, creditedAt]),
        [
          ['test:funds', '1000', NOW],
          ['test:second', '8', NOW],
        ],
      );
      assert.deepEqual(
        receipts.map((receipt) => [receipt.message.number, receipt.message.amountMicroUsdc]),
        [
          [1, '30'],
          [2, '12'],
        ],
      );
      assert.deepEqual([message.openingNumber, message.closingNumber], [0, 2]);
      const held = await bank.ledger.balance(bank.accountId);
      assert.equal(BigInt(message.closingMicroUsdc), held.availableMicroUsdc + held.heldMicroUsdc);
    });

    it('verifies with the keys that the gateway publishes', async () => {
      await bank.captured(30n);
      const statement = await export_(bank);
      const signers = await publishedKeys(bank.store.read);
      assert.deepEqual(verifyStatement(JSON.parse(JSON.stringify(statement)), { signers }), { valid: true });
    });

    it('begins where the one before it ends, in time, in money and in the chain', async () => {
      const months: Statement[] = [];
      let since: number | undefined;
      for (const charges of [[30n, 12n], [], [7n]]) {
        for (const charge of charges) await bank.captured(charge);
        bank.clock.advance(1_000);
        const until = Math.floor(bank.clock.nowMs() / 1000);
        months.push(await export_(bank, { since, until }));
        since = until;
      }
      assert.deepEqual(verifyStatements(months, TRUST), { valid: true });
      assert.deepEqual(
        months.map(({ message }) => [message.openingMicroUsdc, message.closingMicroUsdc, message.closingNumber]),
        [
          ['0', '958', 2],
          ['958', '958', 2],
          ['958', '951', 3],
        ],
      );
      const [january, february, march] = months as [Statement, Statement, Statement];
      const gap = `statement 2: since is ${march.message.since}, and the statement before ends at ${january.message.until}`;
      assert.deepEqual(verifyStatements([january, march], TRUST), { valid: false, reason: gap });
      assert.equal(verifyStatements([february, january], TRUST).valid, false);
    });

    it('has what another gateway was about to write when it was made, or the next one has it', async () => {
      const { clock } = bank;
      const other = await bank.database.open(clock);
      const callId = await bank.opened({ maxChargeMicroUsdc: 30n });
      clock.advance(999);
      let first: Promise<Statement> | undefined;
      const store = planning(bank.store, async () => {
        if (first !== undefined) return;
        clock.advance(1);
        first = exportStatement(other, clock, sign, { accountId: bank.accountId });
        // On PostgreSQL the batch has its lock by now, and the statement waits for it.
        if (kind.name === 'SQLite') await first;
      });
      await createLedger(store, { clock, signer: SIGNER }).capture(captureOf(callId, 30n));
      const january = (await first)!;
      const february = await export_(bank, { since: january.message.until });
      assert.deepEqual(
        [january, february].map(({ message, receipts }) => [message.closingMicroUsdc, receipts.length]),
        kind.name === 'SQLite'
          ? [
              ['1000', 0],
              ['970', 1],
            ]
          : [
              ['970', 1],
              ['970', 0],
            ],
      );
      assert.deepEqual(verifyStatements([january, february], TRUST), { valid: true });
    });

    it('stays what it was where the clock is set back after it was made', async () => {
      await bank.captured(30n);
      bank.clock.advance(60_000);
      const january = await export_(bank);
      bank.clock.advance(-30_000);
      await bank.captured(12n);
      await bank.ledger.deposit(bank.accountId, 8n, 'test:second');
      bank.clock.advance(30_000);
      const february = await export_(bank, { since: january.message.until });
      assert.deepEqual(verifyStatements([january, february], TRUST), { valid: true });
      assert.deepEqual(
        [february.message.openingMicroUsdc, february.message.closingMicroUsdc, february.deposits.length],
        ['970', '966', 1],
      );
      const again = await export_(bank, { until: january.message.until });
      assert.deepEqual(
        [again.message.closingMicroUsdc, again.message.closingNumber],
        [january.message.closingMicroUsdc, january.message.closingNumber],
      );
    });

    it('holds a receipt of an earlier time that stands between two of its own, where the clock was set back', async () => {
      for (const ms of [60_000, -30_000, 40_000]) {
        bank.clock.advance(ms);
        await bank.captured(1n);
      }
      const statement = await export_(bank, { since: NOW + 50 });
      assert.deepEqual(
        statement.receipts.map(({ message }) => message.issuedAt - NOW),
        [60, 30, 70],
      );
      assert.deepEqual(verifyStatement(statement, TRUST), { valid: true });
    });

    it('is not made of a time in which charges are dated before the deposit that paid for them', async () => {
      const [accountId, keyId] = await bank.buyer();
      bank.clock.advance(60_000);
      await bank.ledger.deposit(accountId, 100n, 'test:ahead');
      bank.clock.advance(-60_000);
      await bank.captured(30n, { accountId, keyId });
      const refusal =
        /a deposit of 2026-03-09T12:01:00\.000Z, .*choose times that are later than that deposit, or earlier than those charges/;
      await assert.rejects(export_(bank, {}, accountId), refusal);
      bank.clock.advance(120_000);
      await bank.ledger.deposit(accountId, 100n, 'test:later');
      await assert.rejects(export_(bank, { since: NOW + 30 }, accountId), refusal);
      const { message } = await export_(bank, {}, accountId);
      assert.deepEqual([message.openingMicroUsdc, message.closingMicroUsdc], ['0', '170']);
    });

    it('holds nothing of another account', async () => {
      const [other] = await bank.buyer();
      await bank.ledger.deposit(other, 5n, 'test:other');
      await bank.captured(30n);
      const { message, receipts } = await export_(bank, {}, other);
      assert.deepEqual([message.closingMicroUsdc, message.closingNumber, receipts.length], ['5', 0, 0]);
    });

    it('is not made of a time that is not over, of one that ends before it begins, or of no account', async () => {
      const future = Math.floor(bank.clock.nowMs() / 1000) + 60;
      await assert.rejects(export_(bank, { until: future }), /until 2026-03-09T12:01:00\.000Z is not possible yet/);
      await assert.rejects(export_(bank, { since: NOW, until: NOW - 1 }), /cannot begin at .* and end at/);
      assert.deepEqual((await export_(bank, { since: NOW, until: NOW })).deposits, []);
      await assert.rejects(export_(bank, {}, 'acct_none' as AccountId), /no buyer has the account acct_none/);
    });

    it('is not made of more receipts than one text can hold: shorter times have fewer', async () => {
      for (let count = 0; count < 3; count += 1) {
        await bank.captured(1n);
        bank.clock.advance(1_000);
      }
      const request = { accountId: bank.accountId, maxReceipts: 2 };
      await assert.rejects(
        exportStatement(bank.store, bank.clock, sign, request),
        /^RefusedCommand: acct_\w+ has 3 receipts from 1970-01-01T00:00:00\.000Z until 2026-03-09T12:00:03\.000Z, and a statement holds at most 2: export shorter times, each from where the one before it ends$/,
      );
      const { receipts } = await exportStatement(bank.store, bank.clock, sign, { ...request, until: NOW + 2 });
      assert.equal(receipts.length, 2);
    });

    it('is not made of books that contradict themselves', async () => {
      await bank.captured(30n);
      await bank.tamper((sql) =>
        sql.rows('UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = ?', [bank.accountId]),
      );
      await assert.rejects(export_(bank), /has 971 micro-usdc, its deposits less its receipts come to 970/);
      await bank.tamper((sql) =>
        sql.rows('UPDATE accounts SET credits_posted = credits_posted - 1 WHERE id = ?', [bank.accountId]),
      );
    });
  });
}

describe('verifying a statement', () => {
  let statement: Statement;
  before(async () => {
    const bank = await Bank.open(STORES[0]!, 1_000n);
    for (const charge of [30n, 12n, 7n]) await bank.captured(charge);
    statement = await export_(bank);
    await bank.close();
  });

  /** As an operator could sign it who wants to cheat. */
  const signedAnew = async (changes: Partial<StatementMessage>, parts: Partial<Statement> = {}): Promise<Statement> => {
    const message = { ...statement.message, ...changes };
    return { ...statement, ...parts, message, ...(await sign(statementDigest(message))) };
  };
  const reason = (given: unknown, trust = TRUST): string => {
    const verdict = verifyStatement(given, trust);
    assert.equal(verdict.valid, false);
    return verdict.reason;
  };

  for (const field of Object.keys({
    account: 0,
    since: 0,
    until: 0,
    openingMicroUsdc: 0,
    depositedMicroUsdc: 0,
    chargedMicroUsdc: 0,
    closingMicroUsdc: 0,
    depositsDigest: 0,
    openingNumber: 0,
    openingDigest: 0,
    closingNumber: 0,
    closingDigest: 0,
    issuedAt: 0,
  } satisfies Record<keyof StatementMessage, 0>) as (keyof StatementMessage)[]) {
    it(`fails where ${field} was changed`, () => {
      const value = statement.message[field];
      const other = typeof value === 'number' ? value + 1 : value.startsWith('0x') ? `0x${'ab'.repeat(32)}` : '77';
      const changed = { ...statement, message: { ...statement.message, [field]: other } };
      assert.equal(reason(changed), 'digest is not that of the message: a field was changed');
    });
  }

  const NO_DEPOSITS = { openingMicroUsdc: '1000', depositedMicroUsdc: '0', depositsDigest: depositsDigest([]) };
  const cheats: readonly (readonly [name: string, make: () => unknown, want: RegExp])[] = [
    [
      'a receipt in the middle is left out',
      () => signedAnew({}, { receipts: without(1) }),
      /number is 3, and 2 comes next/,
    ],
    [
      'the last receipt is left out',
      () => signedAnew({}, { receipts: without(2) }),
      /the receipts end with number 2, and not with 3/,
    ],
    [
      'the last receipt is left out everywhere',
      () => signedAnew({ closingNumber: 2, closingDigest: statement.receipts[1]!.digest }, { receipts: without(2) }),
      /chargedMicroUsdc is 49, and its entries come to 42/,
    ],
    [
      'the first receipt is left out',
      () => signedAnew({}, { receipts: without(0) }),
      /receipt at 0: number is 2, and 1 comes next/,
    ],
    [
      'charges are summed too high',
      () => signedAnew({ chargedMicroUsdc: '50', closingMicroUsdc: '950' }),
      /chargedMicroUsdc is 50/,
    ],
    ['a deposit is left out', () => signedAnew({}, { deposits: [] }), /depositsDigest is not that of the deposits/],
    [
      'a payment is credited two times',
      () => {
        const [deposit] = statement.deposits as [Statement['deposits'][0]];
        const deposits = [deposit, { ...deposit, id: 'dep_2' }];
        const sums = { depositedMicroUsdc: '2000', closingMicroUsdc: '1951' };
        return signedAnew({ ...sums, depositsDigest: depositsDigest(deposits) }, { deposits });
      },
      /a reference stands twice: one payment was credited two times/,
    ],
    [
      'the closing balance is too low',
      () => signedAnew({ closingMicroUsdc: '950' }),
      /0 \+ 1000 - 49 is not the closing balance of 950/,
    ],
    ['it ends after it was issued', () => signedAnew({ until: statement.message.issuedAt + 1 }), /it was not over/],
    ['it begins after it ends', () => signedAnew({ since: statement.message.until + 1 }), /since \d+ is after until/],
    [
      'deposits are summed too high',
      () => signedAnew({ depositedMicroUsdc: '1001', closingMicroUsdc: '952' }),
      /depositedMicroUsdc is 1001, and its entries come to 1000/,
    ],
    [
      'a deposit is of an earlier time',
      () => signedAnew({ since: NOW + 1 }),
      /deposit dep_\w+ of 1773057600 does not belong to its time/,
    ],
    [
      'a deposit is of a later time',
      () => signedAnew({ until: NOW }),
      /deposit dep_\w+ of 1773057600 does not belong to its time/,
    ],
    [
      'it ends with a receipt that is not there',
      () => signedAnew({ closingNumber: 4 }),
      /the receipts end with number 3, and not with 4/,
    ],
    [
      'it ends with another receipt of the same number',
      () => signedAnew({ closingDigest: `0x${'ab'.repeat(32)}` }),
      /closingDigest is not the digest of receipt 3/,
    ],
    [
      'somebody else has signed it in the name of the signer',
      async () => ({
        ...statement,
        signature: (await digestSigner(new Secret(`0x${'22'.repeat(32)}`))(statement.digest)).signature,
      }),
      /signature was made by 0x1563915e194D8CfBA1943570603F7606A3115508, and not by signer/,
    ],
    [
      'its first receipts are said to be of a time before the account',
      () =>
        signedAnew(
          {
            openingNumber: 1,
            openingDigest: statement.receipts[0]!.digest,
            chargedMicroUsdc: '19',
            closingMicroUsdc: '981',
          },
          { receipts: without(0) },
        ),
      /since is 0, and nothing can come before it: openingMicroUsdc is 0, openingNumber is 1/,
    ],
    [
      'there is money from before the account',
      () => signedAnew({ openingMicroUsdc: '7', closingMicroUsdc: '958' }),
      /since is 0, and nothing can come before it: openingMicroUsdc is 7, openingNumber is 0/,
    ],
    [
      'a receipt is of an earlier time, and stands in no statement of it',
      () => signedAnew({ ...NO_DEPOSITS, since: NOW + 1, until: NOW + 1 }, { deposits: [] }),
      /receipt 1 of 1773057600 does not belong to its time/,
    ],
    [
      'a receipt is of a later time',
      () => signedAnew({ ...NO_DEPOSITS, since: NOW - 1, until: NOW }, { deposits: [] }),
      /receipt 1 of 1773057600 does not belong to its time/,
    ],
    [
      'it names a receipt before the first',
      () => signedAnew({ openingDigest: `0x${'ab'.repeat(32)}` }),
      /before the first/,
    ],
    ['it has a field that is not known', () => ({ ...statement, note: 'trust me' }), /statement\.note is no field/],
    ['it is null', () => null, /statement is no object/],
    ['a deposit is null', () => signedAnew({}, { deposits: [null as never] }), /deposits\[0\] is no object/],
  ];
  const without = (index: number) => statement.receipts.filter((_, at) => at !== index);
  for (const [name, make, want] of cheats)
    it(`fails where ${name}`, async () => assert.match(reason(await make()), want));

  describe('after the one before it', () => {
    /** The time after, in which nothing happened. */
    const next = (changes: Partial<StatementMessage> = {}): Promise<Statement> => {
      const { until, closingMicroUsdc, closingNumber, closingDigest } = statement.message;
      const nothing = { depositedMicroUsdc: '0', chargedMicroUsdc: '0', depositsDigest: depositsDigest([]) };
      const opening = {
        since: until,
        openingMicroUsdc: closingMicroUsdc,
        openingNumber: closingNumber,
        openingDigest: closingDigest,
      };
      return signedAnew({ ...nothing, ...opening, ...changes }, { deposits: [], receipts: [] });
    };

    it('holds where it begins as that one ends', async () => {
      assert.deepEqual(verifyStatements([statement, await next()], TRUST), { valid: true });
    });

    const other = `0x${'ab'.repeat(32)}`;
    for (const [name, changes, want] of [
      [
        'account',
        { account: 'acct_other' },
        /^statement 2: account is acct_other, and the statement before is of acct_/,
      ],
      [
        'balance',
        { openingMicroUsdc: '950', closingMicroUsdc: '950' },
        /^statement 2: openingMicroUsdc is 950, and the statement before closes with 951$/,
      ],
      [
        'number of a receipt',
        { openingNumber: 2, closingNumber: 2 },
        /^statement 2: it begins after receipt 2, and the statement before ends with 3$/,
      ],
      [
        'receipt of the same number',
        { openingDigest: other, closingDigest: other },
        /^statement 2: openingDigest is not the closingDigest of the statement before$/,
      ],
    ] as const) {
      it(`fails where it begins with another ${name}`, async () => {
        const changed = await next(changes);
        assert.deepEqual(verifyStatement(changed, TRUST), { valid: true });
        const verdict = verifyStatements([statement, changed], TRUST);
        assert.match(verdict.valid ? 'valid' : verdict.reason, want);
      });
    }
  });

  it('fails for several of them that are no list, whatever else they are', () => {
    for (const given of [statement, {}, null, undefined, 'x', { length: 0 }]) {
      const verdict = verifyStatements(given as never, TRUST);
      assert.deepEqual(verdict, { valid: false, reason: 'the statements are no list' });
    }
  });

  it('fails where nobody trusts the signer, or its key was not authorised when it was issued', () => {
    assert.match(reason(statement, { signers: [] }), /is not a trusted key/);
    const ended = { signers: [{ ...TRUST.signers[0]!, validUntil: NOW }] };
    assert.match(reason(statement, ended), /was not authorised at issuedAt/);
  });
});

/** The store, which does something between a batch's plan and its write. */
function planning(store: Store, meanwhile: () => Promise<void>): Store {
  return {
    ...store,
    writeTogether: <Input, Result>(group: GroupCommand<Input, Result>, input: Input) =>
      store.writeTogether<Input, Result>(async (...given) => {
        const plan = await group(...given);
        await meanwhile();
        return plan;
      }, input),
  };
}
