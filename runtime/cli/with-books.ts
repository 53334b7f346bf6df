/** For commands that work on the books alone: opens them, closes them whatever happens. */

import { readConfig } from '../config.js';
import { openBooks, type Books } from '../main.js';

export async function withBooks<Result>(work: (books: Books) => Promise<Result>): Promise<Result> {
  const books = await openBooks(readConfig());
  try {
    return await work(books);
  } finally {
    await books.store.close();
  }
}
