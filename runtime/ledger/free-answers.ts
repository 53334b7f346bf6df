/**
 * Bounds what is stored for nothing. Of the answers that an account did not pay for (a charge of zero, or an error
 * without a charge), the latest are kept, up to so many bytes.
 *
 * They are like one stream of bytes for each account, in which each answer begins where the one before it ends. What
 * ends further back than the bound is dropped in the same commit that stores the next one, so that nothing piles up
 * until a sweep. The end of the stream is read from the rows, and written only if no other writer has come between. So
 * there is one bound for all gateways of a database, and nothing has to be subtracted when answers expire.
 *
 * Invariants: an answer that was paid for is in no stream, and stays until it expires; a commit that stores only such
 * answers reads nothing for the bound, and drops nothing.
 */

import { jsonText } from '../exact-numbers.js';
import { integer, text } from '../store/column.js';
import { encodeRecords, recordSet, type RecordValue } from '../store/record-set.js';
import type { PreparedSql } from '../store/sql.js';
import type { Dialect } from '../store/store.js';
import type { AccountId, CallId } from './ledger.js';
import type { NewAnswer } from './ledger-state.js';

/** Counted for each row beside its answer, so that many small answers are bounded as a few large ones are. */
const ROW_BYTES = 1_024;

/** Where a free answer ends in the stream of its account. */
export interface Place {
  readonly accountId: AccountId;
  readonly endByte: number;
}

export interface FreeAnswers {
  /** The places of those among the new answers that are free. */
  place(sql: PreparedSql, answers: readonly NewAnswer[]): Promise<ReadonlyMap<CallId, Place>>;
  /** A statement with one parameter, the records of `tooOld`: it drops them. */
  readonly dropOlder: string;
  /** What lies too far back once these are stored. The last answer of an account always stays. */
  tooOld(places: ReadonlyMap<CallId, Place>): readonly (readonly RecordValue[])[];
}

/** @param maxBytes kept for each account; the oldest answer that is kept may reach beyond it. */
export function freeAnswers(dialect: Dialect, maxBytes: number): FreeAnswers {
  const selectEnds = `SELECT account_id, (
      SELECT COALESCE(MAX(answers.free_end), 0) FROM answers WHERE answers.free_account = accounts.account_id
    ) AS end_byte FROM (${recordSet(dialect, { account_id: 'text' })}) AS accounts`;
  const bounds = `(${recordSet(dialect, { account_id: 'text', last_byte: 'integer' })}) AS bounds`;
  const beyond = 'answers.free_account = bounds.account_id AND answers.free_end <= bounds.last_byte';
  // PostgreSQL expects many accounts in the parameter and would scan the whole table for them. The ORDER BY makes it
  // look up each account by the index, and the array each id.
  const older =
    dialect === 'sqlite'
      ? `IN (SELECT answers.call_id FROM ${bounds} JOIN answers ON ${beyond})`
      : `= ANY (ARRAY(SELECT older.call_id FROM ${bounds}
          CROSS JOIN LATERAL (SELECT call_id FROM answers WHERE ${beyond} ORDER BY free_end) AS older))`;
  return {
    place: async (sql, answers) => {
      const free = answers.filter(isFree);
      if (free.length === 0) return NONE;
      const accounts = [...new Set(free.map(({ freeFor }) => freeFor))];
      const ends = new Map<string, number>();
      for (const row of await sql.prepared(selectEnds, [encodeRecords(accounts.map((id) => [id]))])) {
        ends.set(text(row, 'account_id'), integer(row, 'end_byte'));
      }
      const places = new Map<CallId, Place>();
      for (const { callId, freeFor: accountId, told } of free) {
        const endByte = ends.get(accountId)! + sizeOf(told);
        ends.set(accountId, endByte);
        places.set(callId, { accountId, endByte });
      }
      return places;
    },

    dropOlder: `DELETE FROM answers WHERE call_id ${older}`,

    tooOld: (places) => {
      const ends = new Map([...places.values()].map(({ accountId, endByte }) => [accountId, endByte]));
      return [...ends].flatMap(([accountId, endByte]) =>
        endByte <= maxBytes ? [] : [[accountId, endByte - maxBytes] as const],
      );
    },
  };
}

const NONE: ReadonlyMap<CallId, Place> = new Map();

function isFree(answer: NewAnswer): answer is NewAnswer & { readonly freeFor: AccountId } {
  return answer.freeFor !== undefined;
}

function sizeOf(told: NewAnswer['told']): number {
  if ('error' in told) return ROW_BYTES + Buffer.byteLength(jsonText(told.error));
  const { body, headers, warnings } = told;
  return ROW_BYTES + body.length + Buffer.byteLength(JSON.stringify([headers, warnings]));
}
