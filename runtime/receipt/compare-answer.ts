/**
 * Whether an answer of `call_api` that somebody saved says what its receipt says. The digest in the receipt is of the
 * body's bytes as they came: where the answer holds a JSON value, or a part of the body, those are not in it, and then
 * it is said that the body was not compared. A body counts as compared only where its digest is the receipt's.
 */

import { createHash } from 'node:crypto';

import { formatUsdc, parseUsdc } from '../ledger/micro-usdc.js';
import { essence, isJson, parameterOf } from '../upstream/media-type.js';
import { isStream } from '../upstream/records.js';
import type { ReceiptMessage } from './receipt.js';

export interface Comparison {
  /** What the answer says and the receipt does not. */
  readonly fault?: string;
  /** Why the body was not compared; absent where it was. */
  readonly notCompared?: string;
}

/** What is read of a saved answer, of which nothing is known yet; a typed client writes `requestId`. */
interface SavedAnswer {
  /** Of an error. */
  readonly code?: unknown;
  readonly status?: unknown;
  readonly content_type?: unknown;
  readonly body?: unknown;
  readonly body_base64?: unknown;
  readonly body_bytes?: unknown;
  readonly charged?: unknown;
  readonly request_id?: unknown;
  readonly requestId?: unknown;
}

export function compareAnswer(answer: SavedAnswer, message: ReceiptMessage): Comparison {
  const fault = faultOfCharge(answer, message) ?? faultOfId(answer, message) ?? faultOfStatus(answer, message);
  return fault === undefined ? compareBody(answer, message) : { fault };
}

function faultOfCharge({ charged, code }: SavedAnswer, { amountMicroUsdc }: ReceiptMessage): string | undefined {
  // The receipt is all that is left of the call, and what was charged is for being told so: nothing.
  if (code === 'ANSWER_EXPIRED') return undefined;
  // Null is an error's word for what was not known yet.
  if (charged === undefined || charged === null || usdcOf(charged) === BigInt(amountMicroUsdc)) return undefined;
  return `the answer says charged ${JSON.stringify(charged)}, and the receipt is for ${formatUsdc(BigInt(amountMicroUsdc))} USDC`;
}

function usdcOf(charged: unknown): bigint | undefined {
  if (typeof charged !== 'string') return undefined;
  try {
    return parseUsdc(charged);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

/** The same number names the call and its receipt. */
function faultOfId(answer: SavedAnswer, { receiptId }: ReceiptMessage): string | undefined {
  const id = answer.request_id ?? answer.requestId;
  const want = receiptId.replace(/^rcpt_/, 'call_');
  return id === undefined || id === want
    ? undefined
    : `the answer is of request ${JSON.stringify(id)}, and the receipt of ${want}`;
}

function faultOfStatus({ status }: SavedAnswer, { upstreamStatus }: ReceiptMessage): string | undefined {
  return status === undefined || status === upstreamStatus
    ? undefined
    : `the answer has the status ${JSON.stringify(status)}, and the receipt ${upstreamStatus}`;
}

const GIVE_IT = 'give it as it came with --body';

function compareBody(answer: SavedAnswer, { answerDigest }: ReceiptMessage): Comparison {
  const { body, body_base64: base64 } = answer;
  const isDigestOf = (bytes: Uint8Array): boolean =>
    `0x${createHash('sha256').update(bytes).digest('hex')}` === answerDigest;
  const changed = { fault: 'the body is not the one whose digest the receipt has' };
  if (answer.body_bytes !== undefined) return { notCompared: `the answer holds a part of it; ${GIVE_IT}` };
  if (typeof base64 === 'string') {
    // Beside its bytes no body stands in an answer.
    return (body ?? null) === null && isDigestOf(Buffer.from(base64, 'base64')) ? {} : changed;
  }
  const forms = body === null || body === undefined ? [Buffer.alloc(0)] : encodings(textOf(body));
  if (forms.some(isDigestOf)) return {};
  if (isExactText(answer)) return changed;
  const why =
    body === null || body === undefined
      ? 'its bytes are not in the answer'
      : 'the answer holds what was read of it, not its bytes';
  return { notCompared: `${why}; ${GIVE_IT}` };
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** Those that may have been read as this text: a mark at the beginning is not in it any more. */
function encodings(text: string): readonly Buffer[] {
  const marked = Buffer.from(`\ufeff${text}`, 'utf16le');
  return [Buffer.from(text), Buffer.from(`\ufeff${text}`), marked, Buffer.from(marked).swap16()];
}

/** Whether the body is text, whole, of which it is known how its bytes were. */
function isExactText({ body, content_type: type }: SavedAnswer): boolean {
  if (typeof body !== 'string' || typeof type !== 'string' || body.includes('\ufffd')) return false;
  const name = essence(type);
  if (!name.startsWith('text/') || isJson(name) || isStream(name)) return false;
  const charset = parameterOf(type, 'charset')?.toLowerCase();
  // Undeclared, it was read as windows-1252 where it was no UTF-8; in ASCII they are the same.
  return charset === 'utf-8' || (charset === undefined && name !== 'text/xml' && /^[\0-\x7f]*$/.test(body));
}
