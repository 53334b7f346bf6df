/**
 * The ids that belong to one call. They share the call's number, so that a receipt names its call, and a repeated
 * command meets the unique id of what it has written before.
 *
 * A number is the time at which the call came, as in UUIDv7 (RFC 9562, section 5.7: 48 bits of epoch milliseconds), and
 * 128 random bits. The random bits make it unique and impossible to guess. Because of the time, the rows of a batch are
 * neighbours in every index, so that a batch dirties a few pages where random keys would dirty one for each row.
 * Nothing else reads the time.
 */

import type { Clock } from '../clock.js';
import type { CallId } from './ledger.js';

/** The numbers of older calls have no time, only the 128 random bits. */
const CALL_NUMBER = '(?:[0-9a-f]{12})?[0-9a-f]{32}';
const CALL_ID = new RegExp(`^call_(${CALL_NUMBER})$`);
const RECEIPT_ID = new RegExp(`^rcpt_${CALL_NUMBER}$`);

const TIME_BYTES = 6;
const RANDOM_BYTES = 16;

export interface CallIds {
  readonly holdId: string;
  /** Of the transfer that resolves the hold, whether it posts or voids it. */
  readonly resolutionId: string;
  /** Of the transfer that gives the platform its part of the charge. */
  readonly feeId: string;
  readonly receiptId: string;
}

/** The id of a call that comes now. */
export function newCallId(clock: Clock): CallId {
  const number = Buffer.allocUnsafe(TIME_BYTES + RANDOM_BYTES);
  number.writeUIntBE(clock.nowMs(), 0, TIME_BYTES);
  number.set(clock.randomBytes(RANDOM_BYTES), TIME_BYTES);
  return `call_${number.toString('hex')}` as CallId;
}

/** Whether a text can be the id of a call. PostgreSQL refuses even to look for some that cannot, such as one with a NUL. */
export function isCallId(text: string): text is CallId {
  return CALL_ID.test(text);
}

/** The same for the id of a receipt. */
export function isReceiptId(text: string): boolean {
  return RECEIPT_ID.test(text);
}

/** @throws RangeError where it is no id of a call. */
export function idsOf(callId: CallId): CallIds {
  const match = CALL_ID.exec(callId);
  if (match === null) throw new RangeError(`"${callId}" is no id of a call: it must be call_ and 44 hex digits, or 32`);
  const number = match[1]!;
  return {
    holdId: `hold_${number}`,
    resolutionId: `done_${number}`,
    feeId: `fee_${number}`,
    receiptId: `rcpt_${number}`,
  };
}

/** The account that a seller is credited on. */
export function sellerAccountId(sellerId: string): string {
  return `seller:${sellerId}`;
}

const DAY_MS = 24 * 60 * 60 * 1000;
let lastDay = { number: Number.NaN, text: '' };

/** The UTC day of a time, as `2026-03-09`. Nearly always it is the day that was asked for last. */
export function dayOf(timeMs: number): string {
  const number = Math.floor(timeMs / DAY_MS);
  if (number !== lastDay.number) lastDay = { number, text: new Date(timeMs).toISOString().slice(0, 10) };
  return lastDay.text;
}
