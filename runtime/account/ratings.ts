/**
 * Ratings of sellers, each bound to a call that was paid for: a caller rates what it has bought, once. The average is
 * kept beside the ratings, in the same transaction, so that reading it costs the same however many there are.
 */

import type { Clock } from '../clock.js';
import { GatewayError } from '../gateway-error.js';
import { isCallId } from '../ledger/call-ids.js';
import type { AccountId } from '../ledger/ledger.js';
import { amount, integer, text } from '../store/column.js';
import type { Row } from '../store/sql.js';
import type { Store } from '../store/store.js';

export interface SellerRating {
  /** From 1 to 5; 0 where there is none. */
  readonly average: number;
  readonly count: number;
}

export interface NewRating {
  readonly accountId: AccountId;
  /** As the caller has written it. */
  readonly callId: string;
  /** A whole number from 1 to 5. */
  readonly stars: number;
  readonly comment?: string;
}

export interface Ratings {
  /**
   * The seller's rating with this one in it.
   * @throws GatewayError `INVALID_ARGUMENTS` for other stars; `REQUEST_NOT_FOUND` where the account made no such call;
   * `NOT_RATEABLE` where it was not charged, or was rated before.
   */
  rate(rating: NewRating): Promise<SellerRating>;
  /** Every seller that has a rating. */
  ratingsOfSellers(): Promise<ReadonlyMap<string, SellerRating>>;
}

const MAX_COMMENT_CHARACTERS = 1_000;

export function createRatings(store: Store, { clock }: { readonly clock: Clock }): Ratings {
  return {
    rate: async ({ accountId, callId, stars, comment }) => {
      if (!Number.isInteger(stars) || stars < 1 || stars > 5) {
        throw new GatewayError('INVALID_ARGUMENTS', `stars is ${stars}`, 'give a whole number of stars from 1 to 5');
      }
      const kept = comment === undefined ? '' : cleanComment(comment);
      const outcome = await store.write(async (sql) => {
        if (!isCallId(callId)) return 'not-found';
        const [call] = await sql.rows(
          `SELECT CAST(charge AS TEXT) AS charge, seller_id, provider, endpoint FROM calls WHERE id = ? AND account_id = ?`,
          [callId, accountId],
        );
        if (call === undefined) return 'not-found';
        // What cost nothing is no purchase: anybody could make as many such calls, and ratings, as they like.
        if (amount(call, 'charge') === 0n) return 'not-charged';
        const inserted = await sql.rows(
          `INSERT INTO ratings (call_id, account_id, seller_id, provider, endpoint, stars, comment, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (call_id) DO NOTHING RETURNING call_id`,
          [
            callId,
            accountId,
            text(call, 'seller_id'),
            text(call, 'provider'),
            text(call, 'endpoint'),
            stars,
            kept === '' ? null : kept,
            clock.nowMs(),
          ],
        );
        if (inserted.length === 0) return 'rated-before';
        const [seller] = await sql.rows(
          `INSERT INTO seller_ratings (seller_id, stars_total, ratings) VALUES (?, ?, 1)
            ON CONFLICT (seller_id) DO UPDATE SET stars_total = seller_ratings.stars_total + excluded.stars_total,
              ratings = seller_ratings.ratings + 1
            RETURNING stars_total, ratings`,
          [text(call, 'seller_id'), stars],
        );
        return ratingOf(seller!);
      });
      switch (outcome) {
        case 'not-found':
          throw new GatewayError(
            'REQUEST_NOT_FOUND',
            `this account has made no request ${callId}`,
            'give the request_id of one of your own calls; get_usage lists them',
          );
        case 'not-charged':
          throw new GatewayError(
            'NOT_RATEABLE',
            `the request ${callId} was not charged`,
            'rate the seller of a call that you paid for',
          );
        case 'rated-before':
          throw new GatewayError(
            'NOT_RATEABLE',
            `the request ${callId} was rated before`,
            'a call is rated once; rate another call of the seller',
          );
        default:
          return outcome;
      }
    },

    ratingsOfSellers: async () => {
      const rows = await store.read.rows('SELECT seller_id, stars_total, ratings FROM seller_ratings');
      return new Map(rows.map((row) => [text(row, 'seller_id'), ratingOf(row)]));
    },
  };
}

/** The average to two places, as it is shown. */
function ratingOf(row: Row): SellerRating {
  const count = integer(row, 'ratings');
  return { average: Math.round((integer(row, 'stars_total') / count) * 100) / 100, count };
}

/**
 * A comment is shown to other agents: no control, format (bidirectional, zero-width) or surrogate characters, white
 * space collapsed, capped.
 */
function cleanComment(comment: string): string {
  const words = comment
    .normalize('NFC')
    .replace(/\p{White_Space}+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, '')
    .trim();
  return Array.from(words).slice(0, MAX_COMMENT_CHARACTERS).join('').trim();
}
