/**
 * Whether the database still refuses what the books forbid. Who takes a trigger away, or restores a dump without them,
 * leaves books in which every sum is right and entries can be changed.
 */

import { text } from '../store/column.js';
import { triggersOf } from '../store/migrations.js';
import type { Dialect, Store } from '../store/store.js';
import type { InvariantResult } from './ledger.js';

/** Those that are in force. */
const TRIGGERS: Readonly<Record<Dialect, string>> = {
  sqlite: "SELECT name FROM sqlite_master WHERE type = 'trigger'",
  postgres: "SELECT tgname AS name FROM pg_trigger WHERE tgenabled IN ('O', 'A') AND pg_table_is_visible(tgrelid)",
};

export async function checkGuards(store: Store): Promise<InvariantResult> {
  const rows = await store.read.rows(TRIGGERS[store.dialect]);
  const there = new Set(rows.map((row) => text(row, 'name')));
  const missing = triggersOf(store.dialect).filter((name) => !there.has(name));
  return {
    invariant: 'the database refuses what the books forbid: none of its triggers is missing or disabled',
    violations: missing.map((name) => `${name} is: enable it again, or bring the database back from a backup`),
  };
}
