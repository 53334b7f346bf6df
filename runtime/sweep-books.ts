import type { Logger } from 'pino';

import type { Books } from './books.js';
import { isoTime } from './clock.js';
import { ANOTHER_KEY } from './receipt/receipt-key.js';

/**
 * Puts away what time has ended: calls that were lost, quotes, and a receipt key. Never rejects. While it is at it, asking
 * again changes nothing: after a long standstill there may be more to do than in the time until it is asked again.
 */
export function bookSweeper(books: Books, logger: Logger): () => Promise<void> {
  let sweeping: Promise<void> | undefined;
  return () => (sweeping ??= sweepBooks(books, logger).finally(() => (sweeping = undefined)));
}

async function sweepBooks(books: Books, logger: Logger): Promise<void> {
  try {
    const swept = await books.ledger.sweep();
    await books.quotes.dropExpired();
    if (swept.released + swept.unknown > 0) logger.warn(swept, 'resolved calls that were lost');
    const { until: endOfKey, warning } = await books.followReceiptKey();
    if (warning !== undefined) logger.warn(warning);
    if (endOfKey !== undefined) {
      logger.error({ until: isoTime(endOfKey) }, `the receipt key ends: ${ANOTHER_KEY}`);
    }
  } catch (error) {
    // The next turn tries again; readyz tells when the store is gone.
    logger.error({ err: error as Error }, 'sweep failed');
  }
}
