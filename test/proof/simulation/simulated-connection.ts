/** What a simulated gateway writes with, on either database: the runtime's own statements, and no pool. */

import type { Optimistic, WriteConnection } from '../../../runtime/store/commit-queue.js';
import type { PreparedStatements } from '../../../runtime/store/prepared-statements.js';
import type { Binding, RoutineCall, Row } from '../../../runtime/store/sql.js';

export abstract class SimulatedConnection implements WriteConnection {
  constructor(
    protected readonly statements: PreparedStatements,
    private readonly beginning: string,
  ) {}

  abstract rows(text: string, bindings?: readonly Binding[]): Promise<readonly Row[]>;
  abstract beginOptimistically(): Promise<Optimistic | undefined>;
  abstract close(): Promise<void>;

  async begin(): Promise<void> {
    await this.prepared(this.beginning);
  }

  prepared(text: string, bindings: readonly Binding[] = []): Promise<readonly Row[]> {
    return this.statements.rows(text, bindings);
  }

  run(call: RoutineCall): Promise<void> {
    return this.statements.run(call);
  }

  async commit(): Promise<void> {
    await this.prepared('COMMIT');
  }

  async rollback(): Promise<void> {
    this.statements.undone();
    await this.prepared('ROLLBACK');
  }
}
