/**
 * What answers an HTTP Digest challenge (RFC 7616 section 3.4): the `Authorization` header, over exactly the method, the
 * target and, for `auth-int`, the body that are sent.
 *
 * What the server sent is hashed and sent back octet by octet, in whatever charset it is. The user's name and the
 * password are in UTF-8, as Basic's are. It counts no nonces: see `digest-sessions.ts`.
 */

import { hash } from 'node:crypto';

import { percentEncode } from '../upstream/percent-encode.js';
import type { UpstreamRequest } from '../upstream/upstream-request.js';
import type { DigestChallenge } from './digest-challenge.js';
import { Secret } from './secret.js';

/** The operator's value: `user:password`. */
export interface DigestLogin {
  readonly pair: Secret;
  readonly user: string;
  readonly password: Secret;
}

/** The hashes that are as good as the password to the realm: of the password itself, and A1's, which `-sess` makes of it. */
export interface DigestKeys {
  readonly password: Secret;
  readonly a1: Secret;
}

/** RFC 7616 section 3.4.2. @param cnonce the client's own nonce, which stays the same for a nonce of the server. */
export function digestKeys(challenge: DigestChallenge, { user, password }: DigestLogin, cnonce: string): DigestKeys {
  const { realm, nonce, isSession } = challenge;
  const own = new Secret(digest(challenge, `${octets(user)}:${realm}:${octets(password.reveal())}`));
  if (!isSession) return { password: own, a1: own };
  return { password: own, a1: new Secret(digest(challenge, `${own.reveal()}:${nonce}:${cnonce}`)) };
}

export interface DigestUse {
  readonly challenge: DigestChallenge;
  readonly user: string;
  /** The hash of A1. */
  readonly a1: Secret;
  readonly cnonce: string;
  /** How often the nonce was used, with this use: from 1. */
  readonly count: number;
}

/** @returns the header as a byte string, and what of it must not be repeated to anybody: some servers take it twice. */
export function answerDigest(
  { challenge, user, a1, cnonce, count }: DigestUse,
  { method, url, body }: Pick<UpstreamRequest, 'method' | 'url' | 'body'>,
): { readonly authorization: string; readonly response: Secret } {
  const { realm, nonce, opaque, algorithm, qop, isSession, userhash } = challenge;
  const uri = url.pathname + url.search;
  const integrity = qop === 'auth-int' ? `:${digest(challenge, body ?? '')}` : '';
  const a2 = digest(challenge, `${method}:${uri}${integrity}`);
  const nc = count.toString(16).padStart(8, '0');
  const counted = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  const response = digest(challenge, `${a1.reveal()}:${counted}:${a2}`);
  const fields = [
    userField(challenge, user),
    `realm=${quote(realm)}`,
    `uri=${quote(uri)}`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    `nonce=${quote(nonce)}`,
    ...(qop === undefined ? [] : [`nc=${nc}`]),
    // Without a qop a server can need it for A1 alone.
    ...(qop === undefined && !isSession ? [] : [`cnonce=${quote(cnonce)}`]),
    ...(qop === undefined ? [] : [`qop=${qop}`]),
    `response=${quote(response)}`,
    ...(opaque === undefined ? [] : [`opaque=${quote(opaque)}`]),
    ...(userhash ? ['userhash=true'] : []),
  ];
  return {
    authorization: `Digest ${fields.join(', ')}`,
    response: new Secret(response),
  };
}

/** RFC 7616 section 3.4.4, and RFC 8187 for a name that is not ASCII, where the server says that it can read it. */
function userField(challenge: DigestChallenge, user: string): string {
  if (challenge.userhash) return `username=${quote(digest(challenge, `${octets(user)}:${challenge.realm}`))}`;
  if (!challenge.isUtf8 || /^[ -~]*$/.test(user)) return `username=${quote(octets(user))}`;
  return `username*=UTF-8''${percentEncode(user.toWellFormed())}`;
}

/** @param data octets, or one a character. */
function digest(challenge: DigestChallenge, data: string | Uint8Array): string {
  return hash(challenge.hash, typeof data === 'string' ? Buffer.from(data, 'latin1') : data);
}

/** In UTF-8, one octet a character. */
function octets(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** RFC 9110 section 5.6.4. */
function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
