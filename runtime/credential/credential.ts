import type { ClientCertificate } from './client-certificate.js';
import type { UpstreamAnswer } from '../upstream/send.js';
import type { UpstreamRequest } from '../upstream/upstream-request.js';
import type { Secret } from './secret.js';

/** One value that is put into a request, and where. */
export interface CredentialPart {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
  /** As it stands in that place, before any encoding that the place asks for. */
  readonly value: Secret;
}

/** Sends a request once, as it is. */
export type Send = (request: UpstreamRequest) => Promise<UpstreamAnswer>;

/** How an upstream refuses a credential: by a status, or already its certificate, when the connection is opened. */
export type RefusalStatus = 401 | 403 | 429 | 'tls';

/** What satisfies one alternative of an endpoint's security: all of its parts are applied together. */
export interface Credential {
  readonly parts: readonly CredentialPart[];
  /**
   * Everything that must not come back in an answer or stand in a log: also a token that has taken the place of this
   * credential's own since, so that the answer to a second try is clean too.
   */
  readonly secrets: readonly Secret[];
  /** Signs the request, whole and with its parts: the last change before it is sent. */
  readonly sign?: (request: UpstreamRequest) => Promise<UpstreamRequest>;
  /**
   * Sends the request, where the upstream has to say first how the credential is to be proved (HTTP Digest). Each attempt
   * has to go through it, for no proof is good twice.
   */
  readonly exchange?: (request: UpstreamRequest, send: Send) => Promise<UpstreamAnswer>;
  /** Shown when a connection is opened; none that was opened with another one, or with none, will do. */
  readonly certificate?: ClientCertificate;
  /** Whether it is one key of several: where the upstream limits it, another one may be taken at once. */
  readonly hasOthers: boolean;
  /**
   * Remembers that the upstream refused this credential: a token is forgotten, a key of several is left alone for a while.
   * @param waitMs how long the upstream asks to be left alone, if it does.
   * @returns whether resolving again may give another one, so that one more try makes sense.
   */
  refused(status: RefusalStatus, waitMs?: number): boolean;
}
