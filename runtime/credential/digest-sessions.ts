/**
 * Requests to servers that want HTTP Digest authentication (RFC 7616): with the nonce that the server gave last, or
 * bare where there is none. A challenge to that is answered once; what comes then is the answer, also if it is a 401.
 *
 * The invariant: a nonce and a count of it are used once, however many calls are under way. A nonce is used for other
 * calls only after the one that it was given to was let in: so a server that takes counts in ascending order alone, and
 * gets those of calls that overtake each other, says that its nonce is stale, and takes the new one.
 *
 * Whether the server knows the password too (`rspauth`) is not looked at: that it is who it is said to be is TLS's.
 */

import { LRUCache } from 'lru-cache';

import type { Clock } from '../clock.js';
import type { UpstreamAnswer } from '../upstream/send.js';
import type { UpstreamRequest } from '../upstream/upstream-request.js';
import { readChallenges } from './authentication-challenges.js';
import type { Send } from './credential.js';
import { answerDigest, digestKeys, type DigestKeys, type DigestLogin } from './digest-answer.js';
import { chooseDigest, type DigestChallenge } from './digest-challenge.js';
import type { Secret } from './secret.js';

/** Nonces of an origin whose counts are known, should it give one of them again. */
const MOST_NONCES = 64;

const CNONCE_BYTES = 18;

/** How a nonce was used. */
interface Nonce {
  readonly cnonce: string;
  count: number;
}

interface Session {
  readonly challenge: DigestChallenge;
  readonly keys: DigestKeys;
  readonly nonce: Nonce;
}

/** What is known of an origin. */
interface Origin {
  /** Whose nonce was good when it was last used. */
  session?: Session;
  readonly nonces: LRUCache<string, Nonce>;
}

export class DigestSessions {
  /** By key, so that what is known ends with it. */
  readonly #origins = new WeakMap<Secret, Map<string, Origin>>();

  constructor(private readonly clock: Clock) {}

  /**
   * Sends the request once, or twice where the first answer is a challenge: with a 401 nothing was done
   * (RFC 9110 section 15.5.2).
   * @param made is given what must not be repeated to anybody, before it is sent.
   */
  async exchange(login: DigestLogin, request: UpstreamRequest, send: Send, made: Set<Secret>): Promise<UpstreamAnswer> {
    const { url } = request;
    const origin = this.#originOf(login.pair, url.origin);
    const known = origin.session !== undefined && covers(origin.session, url) ? origin.session : undefined;
    const first = await send(known === undefined ? bare(request) : answering(known, login, request, made));
    if (first.status !== 401) {
      // Another call may have begun another one by now.
      if (known !== undefined && origin.session === known) origin.session = this.#next(origin, known, first);
      return first;
    }
    const challenge = chooseDigest(first.headers['www-authenticate'] ?? '', url);
    const session = challenge === undefined ? undefined : this.#begin(origin, challenge, login);
    let last: UpstreamAnswer | undefined;
    try {
      last = session === undefined ? first : await send(answering(session, login, request, made));
      return last;
    } finally {
      // Also where no answer came: a nonce that was not refused saves the next call a refusal.
      if (session !== undefined && last?.status !== 401) origin.session = this.#next(origin, session, last);
      else if (origin.session === known) delete origin.session;
    }
  }

  #originOf(key: Secret, name: string): Origin {
    let origins = this.#origins.get(key);
    if (origins === undefined) this.#origins.set(key, (origins = new Map<string, Origin>()));
    let origin = origins.get(name);
    if (origin === undefined) origins.set(name, (origin = { nonces: new LRUCache({ max: MOST_NONCES }) }));
    return origin;
  }

  #begin(origin: Origin, challenge: DigestChallenge, login: DigestLogin): Session {
    const nonce = this.#nonceOf(origin, challenge.nonce);
    return { challenge, keys: digestKeys(challenge, login, nonce.cnonce), nonce };
  }

  /** RFC 7616 section 3.5: a server can say which nonce it wants next. The session, and A1 with it, goes on. */
  #next(origin: Origin, session: Session, answer: UpstreamAnswer | undefined): Session {
    const info = answer?.headers['authentication-info'];
    const text = info === undefined ? undefined : readChallenges(`Digest ${info}`)[0]?.parameters.get('nextnonce');
    if (text === undefined) return session;
    const nonce = this.#nonceOf(origin, text, session.nonce.cnonce);
    return { ...session, challenge: { ...session.challenge, nonce: text }, nonce };
  }

  /** With its uses so far, where the server has given it before: to several calls at once, or again. */
  #nonceOf({ nonces, session }: Origin, text: string, cnonce = this.#cnonce()): Nonce {
    const known = session?.challenge.nonce === text ? session.nonce : nonces.get(text);
    if (known !== undefined) return known;
    const nonce = { cnonce, count: 0 };
    nonces.set(text, nonce);
    return nonce;
  }

  #cnonce(): string {
    return Buffer.from(this.clock.randomBytes(CNONCE_BYTES)).toString('base64');
  }
}

function answering(
  { challenge, keys, nonce }: Session,
  { user }: DigestLogin,
  request: UpstreamRequest,
  made: Set<Secret>,
): UpstreamRequest {
  nonce.count += 1;
  const use = { challenge, user, a1: keys.a1, cnonce: nonce.cnonce, count: nonce.count };
  const { authorization, response } = answerDigest(use, request);
  for (const secret of [keys.password, keys.a1, response]) made.add(secret);
  const { headers } = bare(request);
  return { ...request, headers: [...headers, ['authorization', authorization]] };
}

function bare(request: UpstreamRequest): UpstreamRequest {
  return { ...request, headers: request.headers.filter(([name]) => name !== 'authorization') };
}

function covers({ challenge: { domain } }: Session, url: URL): boolean {
  return domain.length === 0 || domain.some((beginning) => url.href.startsWith(beginning));
}
