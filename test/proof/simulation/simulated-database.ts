/**
 * A real database that several simulated gateways share, each with connections of its own. Nothing is flushed to the
 * disk, for the processes that die in a simulation do not take the machine with them.
 */

import type { WriteConnection } from '../../../runtime/store/commit-queue.js';
import type { Dialect } from '../../../runtime/store/store.js';

export interface SimulatedDatabase {
  readonly dialect: Dialect;
  /** Who has begun a transaction that writes: a database lets one do so at a time. */
  writer: object | undefined;
  connect(): Promise<WriteConnection>;
  /** Closes its connections and deletes what is in it. */
  delete(): Promise<void>;
}
