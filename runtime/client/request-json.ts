/** One request to the gateway, JSON in and out; whatever ends otherwise is a `TollgateError` that says what to do. */

import type { Usdc } from '../../generated/contract.js';
import type { ErrorBody } from '../gateway-error.js';
import { TollgateError } from './tollgate-error.js';

export interface Connection {
  readonly url: string;
  readonly apiKey: string;
  readonly fetch: typeof globalThis.fetch;
}

export interface Request {
  readonly query?: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly signal?: AbortSignal | undefined;
  readonly idempotencyKey?: string;
  /** A member that each answer to the request has: what has another shape comes from something else than a gateway. */
  readonly answerHas: string;
}

/** Posts to a path below the gateway's URL, and answers what it said. */
export type Requester = (path: string, request: Request) => Promise<unknown>;

/** What a header carries as it is: ASCII that neither begins nor ends with a space (RFC 9110 section 5.5). */
const HEADER_TEXT = /^[!-~]([ -~]*[!-~])?$/;

/** What an API key may be, within white space that a header loses: `fetch` says another one out in its error. */
const API_KEY_TEXT = /^\s*[!-~]*\s*$/;

const AGAIN_WITH_KEY = 'call again with the same idempotencyKey, it is charged at most once';

/** @throws TypeError where the URL is none */
export function createRequester({ url, apiKey, fetch }: Connection): Requester {
  const base = new URL(url.endsWith('/') ? url : `${url}/`);
  return async (path, { query, body, signal, idempotencyKey, answerHas }) => {
    const target = new URL(path, base);
    const inHeader = idempotencyKey !== undefined && HEADER_TEXT.test(idempotencyKey);
    target.search = new URLSearchParams(query).toString();
    if (idempotencyKey !== undefined && !inHeader) target.searchParams.set('idempotency_key', idempotencyKey);
    const init = {
      method: 'POST',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        ...(inHeader ? { 'idempotency-key': idempotencyKey } : {}),
      },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    };
    if (hasAborted(signal)) throw aborted(signal, '0.000000', idempotencyKey);
    if (!API_KEY_TEXT.test(apiKey)) throw noApiKey(idempotencyKey);
    let answer: { readonly ok: boolean; readonly status: number; readonly text: string };
    try {
      const response = await fetch(target, init);
      answer = { ok: response.ok, status: response.status, text: await response.text() };
    } catch (error) {
      // fetch rejects for two reasons, as the headers are fit to be sent: the signal, and a connection that failed.
      if (hasAborted(signal)) throw aborted(signal, undefined, idempotencyKey);
      throw new TollgateError({
        code: 'GATEWAY_UNREACHABLE',
        message: `no answer from the gateway at ${base.origin}`,
        remedy: `see that it runs; ${callAgain(idempotencyKey)}`,
        retryable: true,
        charged: undefined,
        idempotencyKey,
        cause: error,
      });
    }
    const json = jsonOf(answer.text);
    if (answer.ok && json !== undefined && Object.hasOwn(json, answerHas)) return json;
    throw !answer.ok && json !== undefined && isErrorBody(json)
      ? told(json, idempotencyKey)
      : notUnderstood(answer.status, base.origin, idempotencyKey);
  };
}

/** Asked twice: it changes while the answer is waited for. */
function hasAborted(signal: AbortSignal | undefined): signal is AbortSignal {
  return signal?.aborted === true;
}

/**
 * The gateway goes on with a call that it has, and charges it: who calls again without its key would pay twice.
 * @param charged known where nothing was sent.
 */
function aborted(signal: AbortSignal, charged: Usdc | undefined, idempotencyKey: string | undefined): TollgateError {
  const wasSent = charged === undefined;
  return new TollgateError({
    code: 'ABORTED',
    message: wasSent
      ? 'the signal was aborted before the answer came'
      : 'the signal was aborted before the call was sent',
    remedy: wasSent ? `the gateway may have made the call; ${AGAIN_WITH_KEY}` : AGAIN_WITH_KEY,
    retryable: true,
    charged,
    idempotencyKey,
    cause: signal.reason,
  });
}

/** Nothing was sent: the gateway makes no such keys. */
function noApiKey(idempotencyKey: string | undefined): TollgateError {
  return new TollgateError({
    code: 'UNAUTHENTICATED',
    message: 'the apiKey has a space, a line end or a character that is not ASCII in it, and no header can carry it',
    remedy: 'give the key as "tollgate account create" or "tollgate key create" printed it',
    retryable: false,
    charged: '0.000000',
    idempotencyKey,
  });
}

function told(error: ErrorBody, idempotencyKey: string | undefined): TollgateError {
  const { code, message, remedy, retryable, charged, ...details } = error;
  return new TollgateError({
    code,
    message,
    remedy,
    retryable,
    charged: charged ?? undefined,
    details,
    idempotencyKey,
  });
}

/** What answers is no gateway, or something stands between. */
function notUnderstood(status: number, origin: string, idempotencyKey: string | undefined): TollgateError {
  return new TollgateError({
    code: 'GATEWAY_ANSWER_INVALID',
    message: `${origin} answered ${String(status)} with something that is not a gateway's answer`,
    remedy: `see that the url is the gateway's, and what stands between; ${callAgain(idempotencyKey)}`,
    // A proxy that was too slow to hear the request, or is asked too often, takes it later.
    retryable: status >= 500 || status === 408 || status === 429,
    charged: undefined,
    idempotencyKey,
  });
}

/** A quote has no key and costs nothing. */
function callAgain(idempotencyKey: string | undefined): string {
  return idempotencyKey === undefined ? 'call again' : AGAIN_WITH_KEY;
}

/** Undefined where it is no JSON object. */
function jsonOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

function isErrorBody(json: object): json is ErrorBody {
  return ['code', 'message', 'remedy', 'retryable', 'charged'].every((member) => Object.hasOwn(json, member));
}
