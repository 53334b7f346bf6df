/**
 * Statements that stay prepared on one connection of a knex pool, past knex's query builder. They live as long as the
 * connection: SQLite closes none that has statements left, so `finalize` comes first.
 */

import { ChangedMeanwhile } from './changed-meanwhile.js';
import { integer } from './column.js';
import type { Dialect } from './store.js';
import type { Binding, Routine, RoutineCall, Row } from './sql.js';

/** sqlite3's `Statement`, as far as it is used here. */
interface SqliteStatement {
  all(bindings: readonly Binding[], done: (error: Error | null, rows: readonly Row[]) => void): void;
  finalize(done: () => void): void;
}

/** sqlite3's `Database`, likewise. */
interface SqliteConnection {
  prepare(statement: string, done: (this: SqliteStatement, error: Error | null) => void): SqliteStatement;
}

/** pg's `Client`, likewise. */
interface PostgresConnection {
  query(query: {
    readonly name: string;
    readonly text: string;
    readonly values: readonly Binding[];
  }): Promise<{ readonly rows: readonly Row[] }>;
}

/** One reading of `PRAGMA data_version`. The same object is used until the version is known to have changed. */
export interface DataVersion {
  readonly number: number;
}

/** What a routine's trigger raises; SQLite has no code for it. */
const CHANGED = 'the database was changed meanwhile';

type Run = (bindings: readonly Binding[]) => Promise<readonly Row[]>;

export class PreparedStatements {
  readonly #connection: unknown;
  readonly #dialect: Dialect;
  readonly #runs = new Map<string, Run>();
  readonly #sqlite: SqliteStatement[] = [];
  /** The names of those that SQLite has, on this connection. */
  readonly #routines = new Set<string>();
  #dataVersion: DataVersion | undefined;

  constructor(connection: unknown, dialect: Dialect) {
    this.#connection = connection;
    this.#dialect = dialect;
  }

  async rows(statement: string, bindings: readonly Binding[]): Promise<readonly Row[]> {
    let run = this.#runs.get(statement);
    if (run === undefined) {
      run = this.#dialect === 'sqlite' ? await this.#prepareSqlite(statement) : this.#preparePostgres(statement);
      this.#runs.set(statement, run);
    }
    return run(bindings);
  }

  /**
   * @param asOf on SQLite, what `dataVersion` was.
   * @throws ChangedMeanwhile where another connection has written since; then nothing was done.
   */
  async run({ routine, bindings }: RoutineCall, asOf?: DataVersion): Promise<void> {
    if (this.#dialect === 'postgres') {
      for (const [index, statement] of routine.statements.entries()) {
        const given = bindings[index];
        if (given !== undefined) await this.rows(statement, given);
      }
      return;
    }
    const { parameters, insert } = shapeOf(routine);
    if (!this.#routines.has(routine.name)) {
      for (const statement of definitionOf(routine, parameters)) await this.rows(statement, []);
      this.#routines.add(routine.name);
    }
    const values = [
      asOf?.number ?? null,
      ...parameters.flatMap((count, index) => bindings[index] ?? new Array<null>(count).fill(null)),
    ];
    try {
      await this.rows(insert, values);
    } catch (error) {
      if (!(error instanceof Error && error.message === `SQLITE_CONSTRAINT: ${CHANGED}`)) throw error;
      this.#dataVersion = undefined;
      throw new ChangedMeanwhile({ cause: error });
    }
  }

  /**
   * A number that SQLite changes whenever another connection, of any process, has written. It may be an old reading:
   * that costs a `ChangedMeanwhile`, but lets no change go unnoticed.
   */
  async dataVersion(): Promise<DataVersion> {
    return (this.#dataVersion ??= { number: await this.#readDataVersion() });
  }

  /** @throws ChangedMeanwhile where another connection has written since. */
  async verify(asOf: DataVersion): Promise<void> {
    if ((await this.#readDataVersion()) === asOf.number) return;
    this.#dataVersion = undefined;
    throw new ChangedMeanwhile();
  }

  /** A transaction was undone, and with it the routines that were first used in it. */
  undone(): void {
    this.#routines.clear();
  }

  async finalize(): Promise<void> {
    this.#runs.clear();
    await Promise.all(this.#sqlite.splice(0).map((statement) => new Promise<void>((done) => statement.finalize(done))));
  }

  async #readDataVersion(): Promise<number> {
    const [row] = await this.rows('PRAGMA data_version', []);
    return integer(row!, 'data_version');
  }

  async #prepareSqlite(text: string): Promise<Run> {
    const statement = await new Promise<SqliteStatement>((resolve, reject) => {
      (this.#connection as SqliteConnection).prepare(text, function (error) {
        if (error === null) resolve(this);
        else reject(error);
      });
    });
    this.#sqlite.push(statement);
    return (bindings) =>
      new Promise((resolve, reject) => {
        statement.all(bindings, (error, rows) => (error === null ? resolve(rows) : reject(error)));
      });
  }

  /** PostgreSQL numbers its parameters. It parses the text at its first use on the connection. */
  #preparePostgres(statement: string): Run {
    const name = `tollgate_${this.#runs.size}`;
    let parameters = 0;
    const text = statement.replaceAll('?', () => `$${(parameters += 1)}`);
    return async (values) => (await (this.#connection as PostgresConnection).query({ name, text, values })).rows;
  }
}

/** Of a routine in SQLite. */
interface Shape {
  /** How many parameters each of its statements has. */
  readonly parameters: readonly number[];
  /** The statement that runs it. */
  readonly insert: string;
}

const SHAPES = new WeakMap<Routine, Shape>();

function shapeOf(routine: Routine): Shape {
  let shape = SHAPES.get(routine);
  if (shape === undefined) {
    const parameters = routine.statements.map((statement) => statement.split('?').length - 1);
    const places = Array.from({ length: 1 + parameters.reduce((sum, count) => sum + count, 0) }, () => '?');
    shape = { parameters, insert: `INSERT INTO temp.${routine.name} VALUES (${places.join(', ')})` };
    SHAPES.set(routine, shape);
  }
  return shape;
}

/**
 * A routine in SQLite, which knows no stored procedures: a view whose columns are the parameters, and a trigger that
 * runs the statements in place of an INSERT into it. Both are the connection's own and never in the file.
 */
function definitionOf({ name, statements }: Routine, parameters: readonly number[]): readonly string[] {
  const columns = [
    'as_of',
    ...parameters.flatMap((count, statement) => Array.from({ length: count }, (_, index) => `p${statement}_${index}`)),
  ];
  // A comparison with NULL is NULL, so nothing is raised if no version is given.
  const check = `SELECT RAISE(ABORT, '${CHANGED}') FROM pragma_data_version WHERE data_version <> NEW.as_of;`;
  const body = statements.map((text, statement) => {
    let index = -1;
    return `${text.replaceAll('?', () => `NEW.p${statement}_${(index += 1)}`)};`;
  });
  return [
    `CREATE TEMP VIEW IF NOT EXISTS ${name} AS SELECT ${columns.map((column) => `NULL AS ${column}`).join(', ')}`,
    `CREATE TEMP TRIGGER IF NOT EXISTS run_${name} INSTEAD OF INSERT ON temp.${name} BEGIN ${check} ${body.join(' ')} END`,
  ];
}
