/**
 * One request and its answer over undici's dispatcher, which writes a request as it is given and follows nothing. Its
 * `request` is not used because it tells neither whether a byte was written, nor ends before a connection stands.
 *
 * However it ends, it ends once: with the whole answer, or with a failure that says whether the request was sent.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { errors, type Agent, type Dispatcher } from 'undici';
import { ANSWERS_TAKE_ALL, type AnswerMemory } from './answer-memory.js';
import type { Bandwidth, Reading } from './bandwidth.js';
import { certificateRefusal } from './certificate-refusal.js';
import { ACCEPT_ENCODING } from './decode-content.js';
import { DEFAULT_LIMITS } from './default-limits.js';
import { AddressRefused } from './guarded-connector.js';
import { isStream } from './records.js';
import type { AnswerHead, SendOptions } from './send.js';
import { untrustedCertificate } from './untrusted-certificate.js';
import { UpstreamFailure, type UpstreamFailureKind } from './upstream-failure.js';
import type { UpstreamRequest } from './upstream-request.js';

/** The limit of this process, and of its machine, for open files: nothing is wrong with the upstream. */
const NO_FILES_LEFT: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

export interface ExchangeOptions extends Pick<SendOptions, 'limits' | 'certificate' | 'onAnswer'> {
  readonly agent: Agent;
  readonly request: UpstreamRequest;
  readonly answers: AnswerMemory | undefined;
  readonly bandwidth: Bandwidth;
}

export interface RawAnswer extends AnswerHead {
  /** As it came; its bytes are taken of the memory for answers. */
  readonly body: Uint8Array;
}

/** @throws UpstreamFailure where there is no whole answer within the limits. */
export function exchange(options: ExchangeOptions): Promise<RawAnswer> {
  return new Promise((resolve, reject) => new Exchange(options, resolve, reject).begin());
}

class Exchange implements Dispatcher.DispatchHandler {
  #timer: NodeJS.Timeout | undefined;
  /** From the first byte that was written. */
  #controller: Dispatcher.DispatchController | undefined;
  #head: AnswerHead | undefined;
  #reading: Reading | undefined;
  #onPiece: ((piece: Uint8Array) => void) | undefined;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #ended = false;

  constructor(
    private readonly options: ExchangeOptions,
    private readonly resolve: (answer: RawAnswer) => void,
    private readonly reject: (error: Error) => void,
  ) {}

  begin(): void {
    const { agent, request, limits, onAnswer } = this.options;
    const late = (): void => {
      if (!this.#ended) this.#stop('timeout', `the upstream took longer than ${limits.timeoutMs} ms`);
    };
    // Where this process stood still, an answer that is here by now has not been read, and is before that.
    this.#timer = setTimeout(() => setImmediate(late), limits.timeoutMs);
    agent.dispatch(
      {
        origin: request.origin,
        path: request.url.pathname + request.url.search,
        method: request.method,
        headers: headersOf(request, onAnswer !== undefined),
        // Without a limit of its own, the head is bounded by the total alone.
        headersTimeout: limits.firstByteTimeoutMs ?? 0,
        bodyTimeout: limits.idleTimeoutMs ?? DEFAULT_LIMITS.idleTimeoutMs,
        ...(request.body === undefined ? {} : { body: request.body }),
      },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Ended while it waited for a connection, or begun a second time: nothing may be written any more.
    if (this.#ended || this.#controller !== undefined) {
      controller.abort(this.#failure('aborted', 'the request is not sent again'));
      this.#fail(this.#failure('reset', 'the connection was lost while the request was being sent'));
      return;
    }
    this.#controller = controller;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    const { bandwidth, limits, onAnswer, request } = this.options;
    this.#reading = bandwidth.begin(controller, limits.bytesPerSecond ?? DEFAULT_LIMITS.bytesPerSecond);
    this.#head = { status, headers: joinHeaders(headers) };
    this.#onPiece = onAnswer?.(this.#head);
    if (request.method !== 'HEAD' && Number(this.#head.headers['content-length']) > limits.maxResponseBytes) {
      this.#overLimit('too-large');
    }
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended) return;
    const { answers, limits } = this.options;
    if (this.#received + chunk.byteLength > limits.maxResponseBytes) return this.#overLimit('flooding');
    if (answers?.take(chunk.byteLength) === false) {
      return this.#stop('gateway-full', ANSWERS_TAKE_ALL);
    }
    this.#received += chunk.byteLength;
    this.#chunks.push(chunk);
    this.#reading?.took(chunk.byteLength);
    this.#onPiece?.(chunk);
  }

  onResponseEnd(): void {
    if (this.#head === undefined || !this.#end()) return;
    const { status, headers } = this.#head;
    this.resolve({ status, headers, body: joined(this.#chunks, this.#received) });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(this.#translate(error));
  }

  #overLimit(kind: 'too-large' | 'flooding'): void {
    this.#stop(kind, `the answer is over ${this.options.limits.maxResponseBytes} bytes`);
  }

  /** Fails at once, whatever the connection is doing, and lets go of it. */
  #stop(kind: UpstreamFailureKind, message: string): void {
    const error = this.#failure(kind, message);
    this.#fail(error);
    this.#controller?.abort(error);
  }

  #fail(error: Error): void {
    if (!this.#end()) return;
    this.options.answers?.giveBack(this.#received);
    this.reject(error);
  }

  /** False where it has ended before. */
  #end(): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#reading?.end();
    return true;
  }

  #failure(kind: UpstreamFailureKind, message: string, cause?: Error): UpstreamFailure {
    const known = {
      sent: this.#controller !== undefined,
      upstreamStatus: this.#head?.status,
      partial: this.#head === undefined ? undefined : beginningOfStream(this.#head.headers, this.#chunks),
    };
    return new UpstreamFailure(kind, message, cause === undefined ? known : { ...known, cause });
  }

  #translate(error: Error): Error {
    if (error instanceof UpstreamFailure) return error;
    // A request that undici cannot write is a fault of whoever built it.
    if (error instanceof errors.InvalidArgumentError) return error;
    if (error instanceof AddressRefused) return this.#failure('address-refused', error.message, error);
    if (error instanceof errors.HeadersTimeoutError) {
      return this.#failure('timeout', 'the upstream did not begin its answer in time', error);
    }
    if (error instanceof errors.BodyTimeoutError) {
      return this.#failure('timeout', "the upstream's answer stood still", error);
    }
    if (error instanceof errors.HeadersOverflowError) {
      return this.#failure('too-large', "the answer's head is too large", error);
    }

    const answered = this.#head !== undefined;
    const refusal = answered ? undefined : certificateRefusal(error);
    if (refusal !== undefined) return this.#failure('certificate-refused', refusal, error);
    const distrust = answered ? undefined : untrustedCertificate(error);
    if (distrust !== undefined) return this.#failure('untrusted', distrust, error);
    const reason = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
    if (NO_FILES_LEFT.has(reason)) {
      return this.#failure('gateway-full', `this gateway may open no more connections at a time (${reason})`, error);
    }
    if (answered) return this.#failure('truncated', `the upstream's answer ended too early (${reason})`, error);
    // Some servers hang up on a certificate that they do not take, without an alert.
    const hint = this.options.certificate === undefined ? '' : '; it may not take the client certificate';
    if (this.#controller === undefined) {
      return this.#failure('connect', `the upstream cannot be reached (${reason})${hint}`, error);
    }
    return this.#failure('reset', `the upstream ended the connection without an answer (${reason})${hint}`, error);
  }
}

/**
 * Asks for the encodings that the gateway can undo, unless the document lets callers choose. An answer that is passed
 * on while it arrives has to come unencoded.
 */
function headersOf({ headers, choosesEncoding }: UpstreamRequest, isPassedOn: boolean): string[] {
  const flat: string[] = [];
  for (const [name, value] of headers) {
    if (name !== 'accept-encoding' || !choosesEncoding || !isPassedOn) flat.push(name, value);
  }
  if (!choosesEncoding || isPassedOn) flat.push('accept-encoding', isPassedOn ? 'identity' : ACCEPT_ENCODING);
  return flat;
}

/** The beginning of a stream has a meaning by itself; that of any other answer has none. */
function beginningOfStream(
  headers: Readonly<Record<string, string>>,
  chunks: readonly Uint8Array[],
): UpstreamFailure['partial'] {
  const contentType = headers['content-type'] ?? '';
  if (chunks.length === 0 || !isStream(contentType) || headers['content-encoding'] !== undefined) return undefined;
  return { contentType, body: Buffer.concat(chunks) };
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
