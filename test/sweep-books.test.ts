import assert from 'node:assert/strict';

import { pino } from 'pino';

import type { Books } from '../runtime/books.js';
import { bookSweeper } from '../runtime/sweep-books.js';

describe('the sweeper of the books', () => {
  it('begins no turn before the last one has ended', async () => {
    const ends: (() => void)[] = [];
    const books = {
      ledger: {
        sweep: () => new Promise((resolve) => ends.push(() => resolve({ released: 0, unknown: 0, answersDropped: 0 }))),
      },
      quotes: { dropExpired: () => Promise.resolve(0) },
      followReceiptKey: () => Promise.resolve({ until: undefined, warning: undefined }),
    } as unknown as Books;
    const sweep = bookSweeper(books, pino({ level: 'silent' }));
    const turns = [sweep(), sweep()];
    assert.equal(ends.length, 1);
    ends[0]!();
    await Promise.all(turns);
    const next = sweep();
    assert.equal(ends.length, 2);
    ends[1]!();
    await next;
  });
});
