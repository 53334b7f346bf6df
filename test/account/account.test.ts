import assert from 'node:assert/strict';

import { createAccounts, type Accounts } from '../../runtime/account/accounts.js';
import { createAuthenticator, type Authenticator } from '../../runtime/account/authenticate.js';
import { createKeys, type Keys } from '../../runtime/account/keys.js';
import { createRatings, type Ratings } from '../../runtime/account/ratings.js';
import { creditByOperator } from '../../runtime/deposit/operator-credit.js';
import { GatewayError, type ErrorCode } from '../../runtime/gateway-error.js';
import type { AccountId, CallId } from '../../runtime/ledger/ledger.js';
import type { Store } from '../../runtime/store/store.js';
import { Bank, releaseOf } from '../ledger/bank.js';
import { STORES } from '../store/stores.js';

const refusedWith = (code: ErrorCode, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GatewayError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  assert.notEqual(error.remedy, '');
  return true;
};

for (const kind of STORES) {
  describe(`accounts and keys on ${kind.name}`, () => {
    let bank: Bank;
    let authenticator: Authenticator;
    let accounts: Accounts;
    let keys: Keys;
    let accountId: AccountId;

    beforeEach(async () => {
      bank = await Bank.open(kind, 100n);
      authenticator = createAuthenticator(bank.store, { clock: bank.clock });
      accounts = createAccounts(bank.store, { clock: bank.clock, authenticator });
      keys = createKeys(bank.store, { clock: bank.clock, authenticator });
      bank.clock.advance(1);
      accountId = await accounts.create('Ada');
    });
    afterEach(() => bank.close());

    it('lists every buyer with its balance', async () => {
      await bank.opened({ maxChargeMicroUsdc: 30n });
      const [first, second] = await accounts.list();
      assert.deepEqual([first?.availableMicroUsdc, first?.heldMicroUsdc, first?.frozen], [70n, 30n, false]);
      assert.deepEqual(second, {
        accountId,
        name: 'Ada',
        frozen: false,
        availableMicroUsdc: 0n,
        heldMicroUsdc: 0n,
        createdAtMs: 1_773_057_600_001,
      });
    });

    it('knows the caller of a key, with its limits', async () => {
      const { keyId, apiKey } = await keys.create({
        accountId,
        name: 'laptop',
        dailyLimitMicroUsdc: 5_000_000n,
        maxPriceMicroUsdc: 10_000n,
        providers: ['github', 'nasa'],
      });
      assert.deepEqual(await authenticator.authenticate(apiKey.reveal()), {
        accountId,
        keyId,
        accountName: 'Ada',
        dailyLimitMicroUsdc: 5_000_000n,
        maxPriceMicroUsdc: 10_000n,
        providers: ['github', 'nasa'],
      });
    });

    it('takes no key whose limits are no JSON any more', async () => {
      const { apiKey } = await keys.create({ accountId, name: 'laptop', providers: ['nasa'] });
      await bank.store.write((sql) => sql.rows("UPDATE api_keys SET providers = '[' || providers"));
      const damaged = refusedWith('STORE_UNAVAILABLE', /^the database of this gateway is damaged$/);
      await assert.rejects(authenticator.authenticate(apiKey.reveal()), damaged);
    });

    it('sets no limit that was not asked for', async () => {
      const { keyId, apiKey } = await keys.create({ accountId, name: 'laptop' });
      assert.deepEqual(await authenticator.authenticate(apiKey.reveal()), { accountId, keyId, accountName: 'Ada' });
    });

    it('stores no key, only its hash and its beginning', async () => {
      const { apiKey } = await keys.create({ accountId, name: 'laptop' });
      const rows = JSON.stringify(await bank.store.read.rows('SELECT * FROM api_keys'));
      assert.equal(rows.includes(apiKey.reveal()), false);
      assert.equal(rows.includes(apiKey.reveal().slice('tg_live_'.length + 6)), false);
      assert.equal(rows.includes(apiKey.reveal().slice(0, 'tg_live_'.length + 6)), true);
    });

    it('tells a mistyped key from one that is not known', async () => {
      const { apiKey } = await keys.create({ accountId, name: 'laptop' });
      const mistyped = `${apiKey.reveal().slice(0, -1)}${apiKey.reveal().endsWith('0') ? '1' : '0'}`;
      await assert.rejects(authenticator.authenticate(mistyped), refusedWith('UNAUTHENTICATED', /mistyped/));
      await assert.rejects(authenticator.authenticate(''), refusedWith('UNAUTHENTICATED', /missing/));
      const foreign = 'tg_live_00000000000000000000000000000000000000007a4510';
      await assert.rejects(authenticator.authenticate(foreign), refusedWith('UNAUTHENTICATED', /not known here/));
    });

    it('refuses a revoked key at once, although it was used a moment before', async () => {
      const { keyId, apiKey } = await keys.create({ accountId, name: 'laptop' });
      await authenticator.authenticate(apiKey.reveal());
      const revoked = await keys.revoke(keyId);
      assert.equal(revoked.revokedAtMs, bank.clock.nowMs());
      await assert.rejects(authenticator.authenticate(apiKey.reveal()), refusedWith('UNAUTHENTICATED', /was revoked/));
    });

    it('refuses a revoked key that was being looked up while it was revoked', async () => {
      let answer: () => void = () => undefined;
      const answered = new Promise<void>((resolve) => (answer = resolve));
      const slow: Store = {
        ...bank.store,
        read: {
          rows: async (statement, bindings) => {
            const rows = await bank.store.read.rows(statement, bindings);
            await answered;
            return rows;
          },
        },
      };
      const slowly = createAuthenticator(slow, { clock: bank.clock });
      const { keyId, apiKey } = await keys.create({ accountId, name: 'laptop' });
      const before = slowly.authenticate(apiKey.reveal());
      await bank.store.read.rows('SELECT 1');
      await createKeys(bank.store, { clock: bank.clock, authenticator: slowly }).revoke(keyId);
      answer();
      await Promise.allSettled([before]);
      await assert.rejects(slowly.authenticate(apiKey.reveal()), refusedWith('UNAUTHENTICATED', /was revoked/));
    });

    it('refuses a key that another process revoked within five seconds', async () => {
      const { keyId, apiKey } = await keys.create({ accountId, name: 'laptop' });
      await authenticator.authenticate(apiKey.reveal());
      const elsewhere = { authenticate: () => Promise.reject(new Error('not used')), forget: () => undefined };
      await createKeys(bank.store, { clock: bank.clock, authenticator: elsewhere }).revoke(keyId);
      bank.clock.advance(5_000);
      await assert.rejects(authenticator.authenticate(apiKey.reveal()), refusedWith('UNAUTHENTICATED', /was revoked/));
    });

    it('goes on asking what has become of a key where the clock is set back', async () => {
      const { keyId, apiKey } = await keys.create({ accountId, name: 'laptop' });
      await authenticator.authenticate(apiKey.reveal());
      const elsewhere = { authenticate: () => Promise.reject(new Error('not used')), forget: () => undefined };
      await createKeys(bank.store, { clock: bank.clock, authenticator: elsewhere }).revoke(keyId);
      bank.clock.advance(-3_600_000);
      await assert.rejects(authenticator.authenticate(apiKey.reveal()), refusedWith('UNAUTHENTICATED', /was revoked/));
    });

    it('refuses a key from the moment at which it expires, although it is remembered', async () => {
      const { apiKey } = await keys.create({ accountId, name: 'laptop', expiresAtMs: bank.clock.nowMs() + 1_000 });
      bank.clock.advance(999);
      await authenticator.authenticate(apiKey.reveal());
      bank.clock.advance(1);
      await assert.rejects(
        authenticator.authenticate(apiKey.reveal()),
        refusedWith('UNAUTHENTICATED', /expired at 2026-03-09T12/),
      );
    });

    it('refuses the keys of a frozen account at once, until it is unfrozen', async () => {
      const { apiKey } = await keys.create({ accountId, name: 'laptop' });
      await authenticator.authenticate(apiKey.reveal());
      await accounts.freeze(accountId);
      await assert.rejects(authenticator.authenticate(apiKey.reveal()), refusedWith('ACCOUNT_FROZEN', /is frozen/));
      assert.equal((await accounts.list())[1]?.frozen, true);
      await accounts.unfreeze(accountId);
      assert.equal((await authenticator.authenticate(apiKey.reveal())).accountId, accountId);
    });

    it('finds a key to revoke by the beginning that the list shows', async () => {
      await keys.create({ accountId, name: 'laptop' });
      const [listed] = await keys.list(accountId);
      assert.equal((await keys.revoke(listed!.prefix)).keyId, listed?.keyId);
      assert.equal((await keys.list(accountId)).length, 1);
      assert.equal((await keys.list()).length, 2);
    });

    it('lists keys the oldest first', async () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      for (const name of names) {
        bank.clock.advance(1);
        await keys.create({ accountId, name });
      }
      assert.deepEqual(
        (await keys.list(accountId)).map(({ name }) => name),
        names,
      );
    });

    it('revokes no key by a beginning that two of them have', async () => {
      for (const last of [1, 2]) {
        const randomBytes = (count: number) => Buffer.alloc(count, 7).fill(last, count - 1);
        const clock = { nowMs: () => bank.clock.nowMs(), randomBytes };
        await createKeys(bank.store, { clock, authenticator }).create({ accountId, name: `laptop ${last}` });
      }
      const [first, second] = await keys.list(accountId);
      assert.equal(first!.prefix, second!.prefix);
      await assert.rejects(keys.revoke(first!.prefix), /more than one key is called "tg_live_070707"/);
      assert.equal((await keys.revoke(second!.keyId)).name, 'laptop 2');
      assert.deepEqual(
        (await keys.list(accountId)).map(({ revokedAtMs }) => revokedAtMs === undefined),
        [true, false],
      );
    });

    it('revokes once: the first time stays', async () => {
      const { keyId } = await keys.create({ accountId, name: 'laptop' });
      const first = await keys.revoke(keyId);
      bank.clock.advance(1_000);
      assert.deepEqual(await keys.revoke(keyId), first);
    });

    it('says what does not exist', async () => {
      const nobody = 'acct_nobody' as AccountId;
      await assert.rejects(accounts.freeze(nobody), /no buyer has the account acct_nobody/);
      await assert.rejects(accounts.freeze('platform' as AccountId), /no buyer has the account platform/);
      await assert.rejects(keys.create({ accountId: nobody, name: 'x' }), /no buyer has the account acct_nobody/);
      await assert.rejects(keys.create({ accountId: 'platform' as AccountId, name: 'x' }), /no buyer has the account/);
      await assert.rejects(keys.revoke('key_none'), /no key is called "key_none"/);
      const expiresAtMs = bank.clock.nowMs();
      await assert.rejects(keys.create({ accountId, name: 'x', expiresAtMs }), /could never be used/);
    });

    it('credits an account by hand once for each reference, letter case aside', async () => {
      const credit = (reference?: string) =>
        creditByOperator(bank.ledger, bank.clock, {
          accountId,
          amountMicroUsdc: 5n,
          ...(reference === undefined ? {} : { reference }),
        });
      assert.deepEqual(await credit('Invoice-7'), { credited: true, reference: 'operator:invoice-7' });
      assert.deepEqual(await credit(' invoice-7 '), { credited: false, reference: 'operator:invoice-7' });
      assert.equal((await credit()).credited, true);
      assert.equal((await credit()).credited, true);
      assert.equal(await bank.available(accountId), 15n);
      assert.equal((await credit('x'.repeat(200))).credited, true);
      for (const wrong of [' ', 'x'.repeat(201)]) await assert.rejects(credit(wrong), /from 1 to 200 characters/);
    });
  });

  describe(`ratings on ${kind.name}`, () => {
    let bank: Bank;
    let ratings: Ratings;

    beforeEach(async () => {
      bank = await Bank.open(kind, 100n);
      ratings = createRatings(bank.store, { clock: bank.clock });
    });
    afterEach(() => bank.close());

    const rate = (callId: CallId, stars: number, comment?: string) =>
      ratings.rate({ accountId: bank.accountId, callId, stars, ...(comment === undefined ? {} : { comment }) });

    it('average over the calls of a seller', async () => {
      assert.deepEqual((await ratings.ratingsOfSellers()).get('weather-inc'), undefined);
      assert.deepEqual(await rate(await bank.captured(1n), 5), { average: 5, count: 1 });
      await rate(await bank.captured(1n), 4);
      assert.deepEqual(await rate(await bank.captured(1n), 4), { average: 4.33, count: 3 });
      await rate(await bank.captured(1n, { sellerId: 'other' }), 1);
      assert.deepEqual((await ratings.ratingsOfSellers()).get('weather-inc'), { average: 4.33, count: 3 });
      assert.deepEqual(
        await ratings.ratingsOfSellers(),
        new Map([
          ['other', { average: 1, count: 1 }],
          ['weather-inc', { average: 4.33, count: 3 }],
        ]),
      );
    });

    it('are given once a call, also under 20 simultaneous tries', async () => {
      const callId = await bank.captured(1n);
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => rate(callId, 5)));
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
      await assert.rejects(rate(callId, 1), refusedWith('NOT_RATEABLE', /was rated before/));
      assert.deepEqual((await ratings.ratingsOfSellers()).get('weather-inc'), { average: 5, count: 1 });
    });

    it('are only for calls that were captured', async () => {
      const callId = await bank.opened();
      await assert.rejects(rate(callId, 5), refusedWith('NOT_RATEABLE', /was not charged/));
      await bank.ledger.release(releaseOf(callId));
      await assert.rejects(rate(callId, 5), refusedWith('NOT_RATEABLE', /was not charged/));
    });

    it('refuses a call that was free, for anybody could make as many as they like', async () => {
      await assert.rejects(rate(await bank.captured(0n), 5), refusedWith('NOT_RATEABLE', /was not charged/));
    });

    it('answer the same for a call of somebody else as for none', async () => {
      const foreign = await bank.captured(1n);
      const absent = `call_${'0'.repeat(32)}`;
      const [accountId] = await bank.buyer();
      for (const callId of [foreign, absent, 'call_\0']) {
        await assert.rejects(
          ratings.rate({ accountId, callId, stars: 1 }),
          refusedWith('REQUEST_NOT_FOUND', new RegExp(`^this account has made no request ${callId}$`)),
        );
      }
      assert.deepEqual((await ratings.ratingsOfSellers()).get('weather-inc'), undefined);
    });

    for (const stars of [0, 6, 4.5, -1, NaN, Infinity]) {
      it(`refuse ${stars} stars`, async () => {
        await assert.rejects(rate(await bank.captured(1n), stars), refusedWith('INVALID_ARGUMENTS', /^stars is /));
      });
    }

    const COMMENTS: readonly (readonly [name: string, given: string, want: string | null])[] = [
      ['as they are', 'Fast, and exact.', 'Fast, and exact.'],
      ['without bidirectional and zero-width characters', 'a\u202eb\u200bc\u2066d', 'abcd'],
      ['on one line', ' a\r\n\tb\u2028c ', 'a b c'],
      ['without control characters', 'a\u0000\u001b[31mb', 'a[31mb'],
      ['without characters that mean nothing to others', 'a\ue000b\u0378c', 'abc'],
      ['in composed form', 'e\u0301', 'é'],
      ['of 1,000 characters at most', '😀'.repeat(1_001), '😀'.repeat(1_000)],
      ['without a space at their end, also where they are cut there', `${'a'.repeat(999)} b`, 'a'.repeat(999)],
      ['not at all where nothing is left', '\u200b \n', null],
    ];
    for (const [name, given, want] of COMMENTS) {
      it(`keep comments ${name}`, async () => {
        await rate(await bank.captured(1n), 5, given);
        const [row] = await bank.store.read.rows('SELECT comment FROM ratings');
        assert.equal(row?.['comment'], want);
      });
    }
  });
}
