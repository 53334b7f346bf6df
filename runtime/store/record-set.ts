/**
 * Many records as one parameter: a statement that reads them as rows has the same text, and so is the same prepared
 * statement, whatever their number. They travel as JSON, an array of arrays; an amount goes as text within it, since a
 * number of JSON may lose digits above 2^53.
 */

import type { Dialect } from './store.js';

export type RecordColumn = 'text' | 'integer' | 'amount';

export type RecordValue = string | number | null;

/**
 * A SELECT of one row for each record, in their order, with these columns; none where the parameter is NULL.
 * @param columns in the order of each record's values.
 * @param records an expression of SQL: the parameter `encodeRecords`, unless it is given.
 */
export function recordSet(dialect: Dialect, columns: Readonly<Record<string, RecordColumn>>, records = '?'): string {
  const list = Object.entries(columns).map(([name, type], index) =>
    type === 'text' ? `value ->> ${index} AS ${name}` : `CAST(value ->> ${index} AS BIGINT) AS ${name}`,
  );
  const source =
    dialect === 'sqlite'
      ? `jsonb_each(${records})`
      : `jsonb_array_elements(CAST(${records} AS jsonb)) AS records (value)`;
  return `SELECT ${list.join(', ')} FROM ${source}`;
}

export function encodeRecords(records: readonly (readonly RecordValue[])[]): string {
  return JSON.stringify(records);
}
