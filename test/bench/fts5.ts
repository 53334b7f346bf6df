/** SQLite's own full-text search over the same rows: FTS5 with Porter stemming, ranked by BM25 with a weight a column. */

import sqlite3 from 'sqlite3';

import type { CatalogueEntry } from '../../generated/contract.js';
import { tokenize } from '../../runtime/discovery/tokenize.js';

export interface Fts5 {
  /** Ids of the ten best rows that match any of the query's words. */
  search(query: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

const COLUMNS = 'title, path, summary, description, tags, parameters';
const SEARCH = `SELECT id FROM endpoints WHERE endpoints MATCH ?
  ORDER BY bm25(endpoints, 0, 3, 4, 4, 1, 1.5, 0.7) LIMIT 10`;

/** Builds the index in memory, so that no disk stands in its way. */
export async function buildFts5(entries: Iterable<CatalogueEntry>): Promise<Fts5> {
  const database = new sqlite3.Database(':memory:');
  const run = (sql: string): Promise<void> =>
    new Promise((resolve, reject) => database.exec(sql, (error) => (error === null ? resolve() : reject(error))));
  await run(
    `CREATE VIRTUAL TABLE endpoints USING fts5(id UNINDEXED, ${COLUMNS}, tokenize = 'porter unicode61'); BEGIN`,
  );
  const insert = database.prepare(`INSERT INTO endpoints (id, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  for (const { id, title, path, summary, text, tags, words } of entries) {
    insert.run(id, title, path, summary, text, tags.join(' '), words.join(' '));
  }
  await new Promise<void>((resolve, reject) => insert.finalize((error) => (error ? reject(error) : resolve())));
  await run('COMMIT');
  const select = database.prepare(SEARCH);
  return {
    search: (query) =>
      new Promise((resolve, reject) => {
        select.all<{ id: string }>(anyWordOf(query), (error, rows) => {
          if (error === null) resolve(rows.map(({ id }) => id));
          else reject(error);
        });
      }),
    close: () =>
      new Promise((resolve, reject) => {
        select.finalize(() => database.close((error) => (error === null ? resolve() : reject(error))));
      }),
  };
}

/** FTS5's query language: any of the words, less those that the gateway passes over too, which match nearly all rows. */
function anyWordOf(query: string): string {
  const words = (query.match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => tokenize(word).length > 0);
  return words.map((word) => `"${word}"`).join(' OR ');
}
