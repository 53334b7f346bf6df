import type { UpstreamAnswer } from './send.js';

/**
 * - `connect`: no connection: the name, the port or the TLS handshake failed, or took too long.
 * - `certificate-refused`: the server does not take the client's certificate, or wants one. It has read no request.
 * - `untrusted`: the server's own certificate does not verify. Nothing was sent.
 * - `address-refused`: the address is not one that requests may go to. Nothing was connected.
 * - `timeout`: the call's time was over, or the answer stood still for too long.
 * - `reset`: the connection ended, or spoke something else than HTTP, before an answer's head had arrived.
 * - `truncated`: the answer ended before it was whole.
 * - `too-large`: more bytes than the limit, counted after decompression.
 * - `flooding`: more bytes than the limit, which had to be read to know it: the head did not tell their number.
 * - `bad-encoding`: a `Content-Encoding` that cannot be undone.
 * - `aborted`: a request that was written before, or whose time is over, is not written now.
 * - `circuit-open`: the provider is given a pause after failures. Nothing was connected.
 * - `gateway-full`: the answers that are under way, of all providers, take the memory that they may take, or this process
 *   may open no more connections.
 */
export type UpstreamFailureKind =
  | 'connect'
  | 'timeout'
  | 'reset'
  | 'truncated'
  | 'too-large'
  | 'flooding'
  | 'bad-encoding'
  | 'certificate-refused'
  | 'untrusted'
  | 'address-refused'
  | 'aborted'
  | 'circuit-open'
  | 'gateway-full';

interface FailureCircumstances extends ErrorOptions {
  /** Whether any byte of the request may have reached the upstream. */
  readonly sent: boolean;
  /** The upstream's HTTP status, where the answer's head had arrived. */
  readonly upstreamStatus?: number | undefined;
  /** How long the gateway itself asks to wait. */
  readonly retryAfterSeconds?: number | undefined;
  /** What came of a stream that ended too early. */
  readonly partial?: Pick<UpstreamAnswer, 'contentType' | 'body'> | undefined;
}

/** An upstream that gave no usable answer. The message holds neither the path nor the query, and so no credential. */
export class UpstreamFailure extends Error {
  readonly sent: boolean;
  readonly upstreamStatus: FailureCircumstances['upstreamStatus'];
  readonly retryAfterSeconds: FailureCircumstances['retryAfterSeconds'];
  readonly partial: FailureCircumstances['partial'];

  constructor(
    readonly kind: UpstreamFailureKind,
    message: string,
    circumstances: FailureCircumstances,
  ) {
    super(message, circumstances);
    this.name = 'UpstreamFailure';
    this.sent = circumstances.sent;
    this.upstreamStatus = circumstances.upstreamStatus;
    this.retryAfterSeconds = circumstances.retryAfterSeconds;
    this.partial = circumstances.partial;
  }

  /** The same, of the last of several attempts. */
  after(attempts: number): UpstreamFailure {
    return this.#retold(`${this.message}; it was tried ${attempts} times`, this.partial);
  }

  /** The same, with what came of the stream in another form. */
  with(partial: UpstreamFailure['partial']): UpstreamFailure {
    return this.#retold(this.message, partial);
  }

  #retold(message: string, partial: UpstreamFailure['partial']): UpstreamFailure {
    const { kind, sent, upstreamStatus, retryAfterSeconds } = this;
    return new UpstreamFailure(kind, message, { sent, upstreamStatus, retryAfterSeconds, partial, cause: this });
  }
}
