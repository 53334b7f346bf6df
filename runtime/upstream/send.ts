/**
 * Sends one request and collects its answer, within limits of time and bytes.
 *
 * The invariants: a redirect is an answer like any other and is never followed, so that a credential stays with the
 * origin that it is for; a request is written at most once; no more than `maxResponseBytes` of an answer are kept,
 * before and after decompression, and a provider's answers are read no faster than its limit says; connections go only
 * where the address guard allows.
 *
 * It neither retries nor reads the body: see the call path and `read-answer.ts`; nor does it say which requests share
 * connections: see `connection-pools.ts`.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { errors, type Agent, type Dispatcher } from 'undici';
import type { Limits } from '../../generated/contract.js';
import type { Clock } from '../clock.js';
import type { ClientCertificate } from '../credential/client-certificate.js';
import type { AnswerMemory } from './answer-memory.js';
import { Bandwidth, type Reading } from './bandwidth.js';
import { certificateRefusal } from './certificate-refusal.js';
import { ConnectionPools } from './connection-pools.js';
import { ACCEPT_ENCODING, decodeContent } from './decode-content.js';
import { DEFAULT_LIMITS } from './default-limits.js';
import { AddressRefused } from './guarded-connector.js';
import { createResolveName, type ResolveName } from './resolve-name.js';
import { isStream } from './records.js';
import { UpstreamFailure, type UpstreamFailureKind } from './upstream-failure.js';
import type { UpstreamRequest } from './upstream-request.js';

export { UpstreamFailure, type UpstreamFailureKind } from './upstream-failure.js';

export interface UpstreamAnswer {
  readonly status: number;
  /** Names in lower case; where a header came several times, joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** As sent, or empty. */
  readonly contentType: string;
  /** Decompressed. */
  readonly body: Uint8Array;
  /** Milliseconds until the answer's head, and until its end. */
  readonly ttfbMs: number;
  readonly totalMs: number;
}

export interface SendOptions {
  /** The provider's id, which the pool and the address guard go by. */
  readonly provider: string;
  readonly limits: Limits;
  /** Shown to the upstream; the request is to an https url then. */
  readonly certificate?: ClientCertificate | undefined;
  readonly signal?: AbortSignal;
  /** Called once, before the first byte is written: from here on the upstream may have seen the request. */
  readonly onDispatch?: () => void;
  /**
   * Called at the answer's head; what it returns is handed each piece of the body as it arrives. With it the upstream is
   * asked not to encode its answer, which can be read piece by piece as it is.
   */
  readonly onAnswer?: (head: AnswerHead) => ((piece: Uint8Array) => void) | undefined;
}

export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Sender {
  /** @throws UpstreamFailure where there is no whole answer within the limits. */
  send(request: UpstreamRequest, options: SendOptions): Promise<UpstreamAnswer>;
  /** Lets the requests under way finish, then closes every connection. */
  close(): Promise<void>;
}

export interface SenderOptions {
  /** Whether the operator lets this provider's requests go to private addresses. */
  readonly allowPrivate: (provider: string) => boolean;
  readonly clock: Clock;
  readonly resolveName?: ResolveName;
  /** What the answers of all providers may take together; without it, no more than each of them may. */
  readonly answers?: AnswerMemory;
  /** PEM: the authorities that vouch for upstreams, in the place of those that Node trusts. */
  readonly authorities?: readonly string[];
}

export function createSender(options: SenderOptions): Sender {
  const { allowPrivate, clock, resolveName = createResolveName(), answers, authorities = [] } = options;
  const pools = new ConnectionPools({ allowPrivate, resolveName, authorities });
  const bandwidths = new Map<string, Bandwidth>();

  function bandwidthOf(provider: string): Bandwidth {
    const known = bandwidths.get(provider) ?? new Bandwidth(clock);
    bandwidths.set(provider, known);
    return known;
  }

  return {
    async send(request, { provider, limits, certificate, signal, onDispatch, onAnswer }) {
      if (request.url.origin !== request.origin) {
        throw new Error(`a request for ${request.origin} was about to go to ${request.url.origin}`);
      }
      if (certificate !== undefined && request.url.protocol !== 'https:') {
        throw new Error(`a request with a client certificate was about to go to ${request.url.origin}`);
      }
      const startMs = clock.nowMs();
      const exchanged = {
        agent: pools.of(provider, limits, certificate),
        request,
        limits,
        certificate,
        clock,
        answers,
        bandwidth: bandwidthOf(provider),
        signal,
        onDispatch,
        onAnswer,
      };
      const raw = await exchange(exchanged);
      try {
        const encoding = raw.headers['content-encoding'];
        const body = await decodeContent(raw.body, encoding, limits.maxResponseBytes, raw.status);
        return {
          status: raw.status,
          headers: raw.headers,
          contentType: raw.headers['content-type'] ?? '',
          body,
          ttfbMs: raw.headAtMs - startMs,
          totalMs: clock.nowMs() - startMs,
        };
      } finally {
        answers?.giveBack(raw.body.byteLength);
      }
    },
    close: () => pools.close(),
  };
}

interface Exchange extends Pick<SendOptions, 'limits' | 'certificate' | 'signal' | 'onDispatch' | 'onAnswer'> {
  readonly agent: Agent;
  readonly request: UpstreamRequest;
  readonly clock: Clock;
  readonly answers: AnswerMemory | undefined;
  readonly bandwidth: Bandwidth;
}

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As it came; its bytes are taken of the memory for answers. */
  readonly body: Uint8Array;
  readonly headAtMs: number;
}

/**
 * One request and its answer over undici's dispatcher, which writes a request as it is given and follows nothing. Its
 * `request` is not used because it tells neither whether a byte was written, nor ends before a connection stands.
 */
function exchange({
  agent,
  request,
  limits,
  certificate,
  clock,
  answers,
  bandwidth,
  signal,
  onDispatch,
  onAnswer,
}: Exchange): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let head: { status: number; headers: Readonly<Record<string, string>>; headAtMs: number } | undefined;
    let ended = false;
    let onPiece: ((piece: Uint8Array) => void) | undefined;
    const chunks: Buffer[] = [];
    let received = 0;

    const timer = setTimeout(() => {
      stop('timeout', `the upstream took longer than ${limits.timeoutMs} ms`);
    }, limits.timeoutMs);
    let reading: Reading | undefined;
    const onAbort = (): void => stop('aborted', 'the call was cancelled');

    function end(): boolean {
      if (ended) return false;
      ended = true;
      clearTimeout(timer);
      reading?.end();
      signal?.removeEventListener('abort', onAbort);
      return true;
    }
    function fail(error: Error): void {
      if (!end()) return;
      answers?.giveBack(received);
      reject(error);
    }
    function failure(kind: UpstreamFailureKind, message: string, cause?: unknown): UpstreamFailure {
      const partial = head === undefined ? undefined : beginningOfStream(head.headers, chunks);
      const known = { sent: controller !== undefined, upstreamStatus: head?.status, partial };
      return new UpstreamFailure(kind, message, cause === undefined ? known : { ...known, cause });
    }
    /** Fails at once, whatever the connection is doing, and lets go of it. */
    function stop(kind: UpstreamFailureKind, message: string): void {
      const error = failure(kind, message);
      fail(error);
      controller?.abort(error);
    }

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        // Ended while it waited for a connection, or begun a second time: nothing may be written any more.
        if (ended || controller !== undefined) {
          started.abort(failure('aborted', 'the request is not sent again'));
          fail(failure('reset', 'the connection was lost while the request was being sent'));
          return;
        }
        controller = started;
        onDispatch?.();
      },
      onResponseStart(started, status, headers) {
        if (status < 200) return;
        reading = bandwidth.begin(started, limits.bytesPerSecond ?? DEFAULT_LIMITS.bytesPerSecond);
        head = { status, headers: joinHeaders(headers), headAtMs: clock.nowMs() };
        onPiece = onAnswer?.(head);
        if (request.method !== 'HEAD' && Number(head.headers['content-length']) > limits.maxResponseBytes) {
          overLimit('too-large');
        }
      },
      onResponseData(_, chunk) {
        if (ended) return;
        if (received + chunk.byteLength > limits.maxResponseBytes) return overLimit('flooding');
        if (answers?.take(chunk.byteLength) === false) return full();
        received += chunk.byteLength;
        chunks.push(chunk);
        reading?.took(chunk.byteLength);
        onPiece?.(chunk);
      },
      onResponseEnd() {
        if (head !== undefined && end())
          resolve({
            status: head.status,
            headers: head.headers,
            headAtMs: head.headAtMs,
            body: joined(chunks, received),
          });
      },
      onResponseError(_, error) {
        const known = { sent: controller !== undefined, answered: head !== undefined, certificate };
        fail(translate(error, known, failure));
      },
    };
    function overLimit(kind: 'too-large' | 'flooding'): void {
      stop(kind, `the answer is over ${limits.maxResponseBytes} bytes`);
    }

    function full(): void {
      stop('gateway-full', 'the answers that are under way take all the memory that they may take');
    }

    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    agent.dispatch(
      {
        origin: request.url.origin,
        path: request.url.pathname + request.url.search,
        method: request.method,
        headers: headersOf(request, onAnswer !== undefined),
        // Without a limit of its own, the head is bounded by the total alone.
        headersTimeout: limits.firstByteTimeoutMs ?? 0,
        bodyTimeout: limits.idleTimeoutMs ?? DEFAULT_LIMITS.idleTimeoutMs,
        ...(request.body === undefined ? {} : { body: request.body }),
      },
      handler,
    );
  });
}

/** What the gateway can undo, unless the document has callers choose. What is passed on as it comes is read as it is. */
function headersOf({ headers, choosesEncoding }: UpstreamRequest, isPassedOn: boolean): string[] {
  const flat: string[] = [];
  for (const [name, value] of headers) {
    if (name !== 'accept-encoding' || !choosesEncoding || !isPassedOn) flat.push(name, value);
  }
  if (!choosesEncoding || isPassedOn) flat.push('accept-encoding', isPassedOn ? 'identity' : ACCEPT_ENCODING);
  return flat;
}

/** What came of a stream before it failed means something by itself; the beginning of any other answer does not. */
function beginningOfStream(
  headers: Readonly<Record<string, string>>,
  chunks: readonly Uint8Array[],
): UpstreamFailure['partial'] {
  const contentType = headers['content-type'] ?? '';
  if (chunks.length === 0 || !isStream(contentType) || headers['content-encoding'] !== undefined) return undefined;
  return { contentType, body: Buffer.concat(chunks) };
}

function translate(
  error: Error,
  {
    sent,
    answered,
    certificate,
  }: { readonly sent: boolean; readonly answered: boolean } & Pick<Exchange, 'certificate'>,
  failure: (kind: UpstreamFailureKind, message: string, cause?: unknown) => UpstreamFailure,
): Error {
  if (error instanceof UpstreamFailure) return error;
  // A request that undici cannot write is a fault of whoever built it.
  if (error instanceof errors.InvalidArgumentError) return error;
  if (error instanceof AddressRefused) return failure('address-refused', error.message, error);
  if (error instanceof errors.HeadersTimeoutError) {
    return failure('timeout', 'the upstream did not begin its answer in time', error);
  }
  if (error instanceof errors.BodyTimeoutError) return failure('timeout', "the upstream's answer stood still", error);
  if (error instanceof errors.HeadersOverflowError)
    return failure('too-large', "the answer's head is too large", error);

  const refusal = answered ? undefined : certificateRefusal(error);
  if (refusal !== undefined) return failure('certificate-refused', refusal, error);
  const reason = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (answered) return failure('truncated', `the upstream's answer ended too early (${reason})`, error);
  // Some servers hang up on a certificate that they do not take, without an alert.
  const hint = certificate === undefined ? '' : '; it may not take the client certificate';
  if (!sent) return failure('connect', `the upstream cannot be reached (${reason})${hint}`, error);
  return failure('reset', `the upstream ended the connection without an answer (${reason})${hint}`, error);
}

/** Most answers come in one piece, which needs no copy. */
function joined(chunks: readonly Buffer[], bytes: number): Buffer {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes);
}

/** @param headers as undici hands them over: an object of this answer's own, its names in lower case. */
function joinHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  for (const name in headers) {
    const value = headers[name];
    // In place: each name is there already, also `__proto__`, which an upstream may send.
    if (Array.isArray(value)) Object.defineProperty(headers, name, { value: value.join(', ') });
  }
  return headers as Readonly<Record<string, string>>;
}
