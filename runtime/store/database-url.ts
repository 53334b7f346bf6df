/** What `DATABASE_URL` can be: `sqlite:PATH`, or `postgres://USER:PASSWORD@HOST/DATABASE`. */

import { resolve } from 'node:path';

import type { Dialect } from './store.js';

export interface DatabaseUrl {
  readonly dialect: Dialect;
  /** On SQLite the absolute path of the file, on PostgreSQL the URL. */
  readonly location: string;
}

/** The predicate of a sentence, without the URL, which may hold a password. */
export interface DatabaseUrlFault {
  readonly fault: string;
}

/** Judges its form alone; what is there is found out when it is opened. */
export function parseDatabaseUrl(url: string): DatabaseUrl | DatabaseUrlFault {
  if (/^postgres(ql)?:\/\/./.test(url)) return { dialect: 'postgres', location: url };
  const path = sqlitePath(url);
  if (path === undefined) return { fault: 'starts with neither "sqlite:" nor "postgres://"' };
  // SQLite itself would take them for no file, or for a URI; here it would be the name of a file.
  if (/^(:memory:|file:|$)/i.test(path)) return { fault: 'names no file: money is kept on disk alone' };
  return { dialect: 'sqlite', location: resolve(path.replace(/^\/\/(?=\/)/, '')) };
}

/** Where the database is, if it is SQLite. */
export function sqlitePath(url: string): string | undefined {
  return url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : undefined;
}

/** A password stands between the first colon after the scheme and the last `@`, or in the query. */
export function withoutPassword(url: string): string {
  return url.replace(/(:\/\/[^:/@]*):.*@/, '$1:[redacted]@').replace(/([?&]password=)[^&]*/gi, '$1[redacted]');
}
