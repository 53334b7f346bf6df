/**
 * The database as the other rooms see it: durable writes through one queue, reads beside it. It knows nothing of what
 * the rows mean.
 */

import type { Command, GroupCommand } from './commit-queue.js';
import type { Sql } from './sql.js';

export type Dialect = 'sqlite' | 'postgres';

export interface Store {
  readonly dialect: Dialect;
  /**
   * Runs the command within a transaction that no other writer of the database runs beside, and resolves when it is
   * durable. The command must have no effect beside its SQL, for it may run more than once.
   * @throws GatewayError `STORE_UNAVAILABLE`, or what the command throws.
   */
  write<Result>(command: Command<Result>): Promise<Result>;
  /** The same for a command of a group: those of one group that wait are executed by one call of it. */
  writeTogether<Input, Result>(group: GroupCommand<Input, Result>, input: Input): Promise<Result>;
  /**
   * One statement that only reads, on a connection of its own. It sees all that was committed before it was started. It
   * stays prepared, so that its text must be one of the program's own, of which there are only so many.
   * @throws GatewayError `STORE_UNAVAILABLE`.
   */
  readonly read: Sql;
  /** Several statements that all see the database as it was at one moment. However long they take, `read` waits for none. */
  snapshot<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  /** The same for whoever reads whole books, and has the time: PostgreSQL may take any for each of the statements. */
  patientSnapshot<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  /** Finishes the writes that were submitted, then closes every connection. */
  close(): Promise<void>;
}
