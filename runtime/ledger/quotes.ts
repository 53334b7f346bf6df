/**
 * Quotes: a price that holds until it expires, for one request. A quote is bound to its endpoint and to the digest of
 * its arguments, so that it cannot be used for a dearer request; it is bound to no account, since asking costs nothing.
 *
 * Every quote makes the database write, so only so many are made each second, for all callers together.
 */

import { newId, type Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import type { Price } from '../../generated/contract.js';
import { rateLimited } from '../rate-limited.js';
import { amount, integer, json, text } from '../store/column.js';
import type { Store } from '../store/store.js';
import { TokenBuckets } from '../token-buckets.js';
import type { MicroUsdc } from './micro-usdc.js';

export interface Quote {
  readonly quoteId: string;
  readonly endpoint: string;
  readonly requestDigest: string;
  readonly price: Price;
  /** The most that the call can cost, and so its hold. */
  readonly maxChargeMicroUsdc: MicroUsdc;
  readonly catalogueDigest: string;
  readonly expiresAtMs: number;
}

export type NewQuote = Omit<Quote, 'quoteId' | 'expiresAtMs'>;

export interface Quotes {
  /** @throws GatewayError `RATE_LIMITED` where more are asked for than are made. */
  create(quote: NewQuote): Promise<Quote>;
  /**
   * The quote, if it is still valid for just this request.
   * @throws GatewayError `QUOTE_NOT_VALID`.
   */
  findValid(quoteId: string, endpoint: string, requestDigest: string): Promise<Quote>;
  /** Deletes the quotes that have expired, and returns how many there were. */
  dropExpired(): Promise<number>;
}

const QUOTE_TTL_MS = 10 * 60 * 1000;
/** Of one gateway. */
const QUOTES_PER_SECOND = 100;

export function createQuotes(store: Store, { clock }: { readonly clock: Clock }): Quotes {
  const buckets = new TokenBuckets(clock);
  return {
    create: async (newQuote) => {
      const wait = buckets.take('quotes', QUOTES_PER_SECOND);
      if (wait > 0) throw rateLimited(`this gateway makes ${QUOTES_PER_SECOND} quotes a second`, wait);
      const quote: Quote = { ...newQuote, quoteId: newId(clock, 'quote'), expiresAtMs: clock.nowMs() + QUOTE_TTL_MS };
      await store.write((sql) =>
        sql.rows(
          `INSERT INTO quotes (id, endpoint, request_digest, price, max_charge, catalogue_digest, expires_at_ms)
            VALUES (?, ?, ?, ?, CAST(? AS BIGINT), ?, ?)`,
          [
            quote.quoteId,
            quote.endpoint,
            quote.requestDigest,
            JSON.stringify(quote.price),
            quote.maxChargeMicroUsdc.toString(),
            quote.catalogueDigest,
            quote.expiresAtMs,
          ],
        ),
      );
      return quote;
    },

    findValid: async (quoteId, endpoint, requestDigest) => {
      const gone = `there is no quote "${quoteId.slice(0, 80)}", or it has expired`;
      if (!/^quote_[0-9a-f]{32}$/.test(quoteId)) throw notValid(gone);
      const [row] = await store.read.rows(
        `SELECT endpoint, request_digest, price, CAST(max_charge AS TEXT) AS max_charge, catalogue_digest, expires_at_ms
          FROM quotes WHERE id = ?`,
        [quoteId],
      );
      if (row === undefined) throw notValid(gone);
      const quote: Quote = {
        quoteId,
        endpoint: text(row, 'endpoint'),
        requestDigest: text(row, 'request_digest'),
        price: json(row, 'price') as Price,
        maxChargeMicroUsdc: amount(row, 'max_charge'),
        catalogueDigest: text(row, 'catalogue_digest'),
        expiresAtMs: integer(row, 'expires_at_ms'),
      };
      if (quote.expiresAtMs <= clock.nowMs()) throw notValid(gone);
      if (quote.endpoint !== endpoint) throw notValid(`${quoteId} is for ${quote.endpoint}, and not for ${endpoint}`);
      if (quote.requestDigest !== requestDigest) throw notValid(`${quoteId} is for other arguments`);
      return quote;
    },

    dropExpired: async () => {
      const rows = await store.write((sql) =>
        sql.rows('DELETE FROM quotes WHERE expires_at_ms <= ? RETURNING id', [clock.nowMs()]),
      );
      return rows.length;
    },
  };
}

function notValid(message: string): GatewayError {
  return new GatewayError(
    'QUOTE_NOT_VALID',
    message,
    'ask get_pricing for a new quote with the same endpoint and arguments, or call without a quote_id',
  );
}
