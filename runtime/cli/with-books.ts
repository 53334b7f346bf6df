/** For commands that work on the books alone: opens them, closes them whatever happens. */

import { readConfig } from '../config.js';
import type { Books } from '../books.js';

export async function withBooks<Result>(work: (books: Books) => Promise<Result>): Promise<Result> {
  const config = readConfig();
  const { openBooks } = await import('../books.js');
  const books = await openBooks(config);
  try {
    return await work(books);
  } finally {
    await books.store.close();
  }
}
