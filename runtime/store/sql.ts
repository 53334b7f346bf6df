/**
 * What the rooms that keep rows see of a database: parameterised SQL that means the same on SQLite and PostgreSQL.
 *
 * Invariant: an amount never passes through a float. A `bigint` cannot be bound (sqlite3 would bind it as NULL), so it
 * goes in as a decimal string within `CAST(? AS BIGINT)` — the cast matters on SQLite, where a bare text compares
 * greater than every number — and comes out as `CAST(… AS TEXT)`, since sqlite3 rounds integers above 2^53.
 */

export type Binding = string | number | null | Uint8Array;

/** A column as the drivers return it. PostgreSQL gives BIGINT as text, SQLite as a number. */
export type Column = string | number | null | Uint8Array;

export type Row = Readonly<Record<string, Column>>;

export interface Sql {
  /** Runs one statement and answers its rows (`SELECT`, or `RETURNING`); none where it returns nothing. */
  rows(statement: string, bindings?: readonly Binding[]): Promise<readonly Row[]>;
}

/**
 * Statements that run one after the other and return nothing. They are of the program's own text, have their parameters
 * as `?`, and use no names that two of them would need to have in common.
 */
export interface Routine {
  /** Of letters and underscores. */
  readonly name: string;
  readonly statements: readonly string[];
}

/** A routine and what it is run with. */
export interface RoutineCall {
  readonly routine: Routine;
  /**
   * Of each statement, in their order; undefined where that statement has nothing to do, and then every one of its
   * parameters may be read as NULL.
   */
  readonly bindings: readonly (readonly Binding[] | undefined)[];
}

/** The statements of the busiest path, which every paid call takes. */
export interface PreparedSql extends Sql {
  /**
   * As `rows`, but the statement stays prepared on its connection: parsing it and building it anew each time costs
   * several times what most of them do. Its text must be one of the program's own, of which there are only so many.
   */
  prepared(statement: string, bindings?: readonly Binding[]): Promise<readonly Row[]>;
  /**
   * Runs a routine, on SQLite as one statement: each statement is a turn of another thread and back, and while the
   * program is busy with other things that wait is longer than the work.
   */
  run(call: RoutineCall): Promise<void>;
}
