/**
 * The ids that belong to one call. They share the call's 128 random bits, so that a receipt names its call, and a
 * repeated command meets the unique id of what it has written before.
 */

import type { CallId } from './ledger.js';

const CALL_ID = /^call_([0-9a-f]{32})$/;

export interface CallIds {
  readonly holdId: string;
  /** Of the transfer that resolves the hold, whether it posts or voids it. */
  readonly resolutionId: string;
  /** Of the transfer that gives the platform its part of the charge. */
  readonly feeId: string;
  readonly receiptId: string;
}

/** Whether a text can be the id of a call. PostgreSQL refuses even to look for some that cannot, such as one with a NUL. */
export function isCallId(text: string): text is CallId {
  return CALL_ID.test(text);
}

/** Alike for the id of a receipt. */
export function isReceiptId(text: string): boolean {
  return /^rcpt_[0-9a-f]{32}$/.test(text);
}

/** @throws RangeError where it is no id of a call. */
export function idsOf(callId: CallId): CallIds {
  const match = CALL_ID.exec(callId);
  if (match === null) throw new RangeError(`"${callId}" is no id of a call: it must be call_ and 32 hex digits`);
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

/** The UTC day of a time, as `2026-03-09`. */
export function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
