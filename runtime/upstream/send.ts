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

import type { Limits } from '../../generated/contract.js';
import type { Clock } from '../clock.js';
import type { ClientCertificate } from '../credential/client-certificate.js';
import type { AnswerMemory } from './answer-memory.js';
import { Bandwidth } from './bandwidth.js';
import { ConnectionPools } from './connection-pools.js';
import { decodeContent } from './decode-content.js';
import { exchange } from './exchange.js';
import { createResolveName, type ResolveName } from './resolve-name.js';
import type { UpstreamRequest } from './upstream-request.js';

export interface UpstreamAnswer {
  readonly status: number;
  /** Names in lower case; where a header came several times, joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** As sent, or empty. */
  readonly contentType: string;
  /** Decompressed. */
  readonly body: Uint8Array;
}

export interface SendOptions {
  /** The provider's id, which the pool and the address guard go by. */
  readonly provider: string;
  readonly limits: Limits;
  /** Shown to the upstream; the request is to an https url then. */
  readonly certificate?: ClientCertificate | undefined;
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
    async send(request, { provider, limits, certificate, onAnswer }) {
      if (request.url.origin !== request.origin) {
        throw new Error(`a request for ${request.origin} was about to go to ${request.url.origin}`);
      }
      if (certificate !== undefined && request.url.protocol !== 'https:') {
        throw new Error(`a request with a client certificate was about to go to ${request.url.origin}`);
      }
      const raw = await exchange({
        agent: pools.of(provider, limits, certificate),
        request,
        limits,
        certificate,
        answers,
        bandwidth: bandwidthOf(provider),
        onAnswer,
      });
      try {
        const { status, headers, body } = raw;
        const encoding = headers['content-encoding'];
        return {
          status,
          headers,
          contentType: headers['content-type'] ?? '',
          body: encoding === undefined ? body : await decodeContent(body, encoding, limits.maxResponseBytes, status),
        };
      } finally {
        answers?.giveBack(raw.body.byteLength);
      }
    },
    close: () => pools.close(),
  };
}
