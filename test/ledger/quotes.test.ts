import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import { createQuotes, type NewQuote, type Quote, type Quotes } from '../../runtime/ledger/quotes.js';
import type { Store } from '../../runtime/store/store.js';
import { STORES, type TestDatabase } from '../store/stores.js';
import { TestClock } from './test-clock.js';

const NEW: NewQuote = {
  endpoint: 'a/one',
  requestDigest: 'ab'.repeat(32),
  price: { model: 'per_call', amount: '0.001' },
  maxChargeMicroUsdc: 9_007_199_254_740_993n,
  catalogueDigest: 'cd'.repeat(32),
};

for (const kind of STORES) {
  describe(`quotes on ${kind.name}`, () => {
    let database: TestDatabase;
    let store: Store;
    let clock: TestClock;
    let quotes: Quotes;
    let quote: Quote;

    beforeEach(async () => {
      clock = new TestClock();
      database = await kind.create();
      store = await database.open(clock);
      quotes = createQuotes(store, { clock });
      quote = await quotes.create(NEW);
    });
    afterEach(() => database.drop());

    const refused = (promise: Promise<unknown>, message: RegExp) =>
      assert.rejects(promise, (error) => {
        assert.ok(error instanceof GatewayError && error.code === 'QUOTE_NOT_VALID');
        assert.match(error.message, message);
        return true;
      });

    it('are found for the request that they are of', async () => {
      assert.deepEqual(await quotes.findValid(quote.quoteId, 'a/one', 'ab'.repeat(32)), quote);
      assert.match(quote.quoteId, /^quote_[0-9a-f]{32}$/);
    });

    it('are not valid for another endpoint', () =>
      refused(quotes.findValid(quote.quoteId, 'a/two', 'ab'.repeat(32)), /is for a\/one, and not for a\/two/));

    it('are not valid for other arguments', () =>
      refused(quotes.findValid(quote.quoteId, 'a/one', 'ac'.repeat(32)), /other arguments/));

    it('are not valid from the moment at which they expire', async () => {
      clock.advance(599_999);
      await quotes.findValid(quote.quoteId, 'a/one', 'ab'.repeat(32));
      clock.advance(1);
      await refused(
        quotes.findValid(quote.quoteId, 'a/one', 'ab'.repeat(32)),
        /^there is no quote "quote_[0-9a-f]{32}", or it has expired$/,
      );
    });

    it('that do not exist answer as those that expired', () =>
      refused(
        quotes.findValid(`quote_${'0'.repeat(32)}`, 'a/one', 'ab'.repeat(32)),
        /^there is no quote "quote_0{32}", or it has expired$/,
      ));

    it('of a name that no database has are such too', () =>
      refused(
        quotes.findValid('quote_\0', 'a/one', 'ab'.repeat(32)),
        /^there is no quote "quote_.", or it has expired$/,
      ));

    it('are made as many a second as the database is to write, and no more', async () => {
      const made = await Promise.allSettled(Array.from({ length: 250 }, () => quotes.create(NEW)));
      const refusals = made.flatMap((each) => (each.status === 'rejected' ? [each.reason as GatewayError] : []));
      // The first was made before.
      assert.equal(refusals.length, 51);
      assert.deepEqual([refusals[0]!.code, refusals[0]!.details.retry_after_seconds], ['RATE_LIMITED', 1]);
      clock.advance(600_000);
      await quotes.create(NEW);
    });

    it('are forgotten when they have expired, and not before', async () => {
      assert.equal(await quotes.dropExpired(), 0);
      clock.advance(600_000);
      assert.equal(await quotes.dropExpired(), 1);
    });
  });
}
