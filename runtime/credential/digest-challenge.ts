/**
 * The HTTP Digest challenge that is answered (RFC 7616 section 3.3, and RFC 2617 section 3.2.1 for servers that know
 * that one): of those that a server offers, the one with the strongest hash of those that are known here.
 */

import { getHashes } from 'node:crypto';

import { readChallenges } from './authentication-challenges.js';

/** Texts are byte strings, an octet of the header a character. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  /** As the server spells it; left out where it names none, which means MD5. */
  readonly algorithm?: string;
  readonly hash: DigestHash;
  /** `-sess`: what stands for the password is made once for a nonce. */
  readonly isSession: boolean;
  /** Left out where the server knows RFC 2069 alone, and no nonce is counted. */
  readonly qop?: 'auth' | 'auth-int';
  /** Whether the user's name goes hashed. */
  readonly userhash: boolean;
  /** Whether the server says that it reads UTF-8. */
  readonly isUtf8: boolean;
  /** Beginnings of the URLs that the answer holds for; none where it does for all of the origin. */
  readonly domain: readonly string[];
}

/** As node:crypto calls them. */
export type DigestHash = 'sha512-256' | 'sha256' | 'md5';

const STRONGEST_FIRST = ['sha512-256', 'sha256', 'md5'] as const satisfies readonly DigestHash[];

const HASHES: ReadonlyMap<string, DigestHash> = new Map([
  ['sha-512-256', 'sha512-256'],
  ['sha-256', 'sha256'],
  ['md5', 'md5'],
]);

/** A build of OpenSSL may be without some. */
const AVAILABLE: ReadonlySet<string> = new Set(getHashes());

/**
 * @param header `WWW-Authenticate`; several of them joined with commas.
 * @param url which was asked for.
 * @returns undefined where there is none that can be answered.
 */
export function chooseDigest(header: string, url: URL): DigestChallenge | undefined {
  const usable = readChallenges(header)
    .filter(({ scheme }) => scheme === 'digest')
    .flatMap(({ parameters }) => readDigest(parameters, url) ?? []);
  return STRONGEST_FIRST.map((hash) => usable.find((each) => each.hash === hash)).find((each) => each !== undefined);
}

function readDigest(parameters: ReadonlyMap<string, string>, url: URL): DigestChallenge | undefined {
  const [realm, nonce, opaque] = [parameters.get('realm'), parameters.get('nonce'), parameters.get('opaque')];
  const algorithm = parameters.get('algorithm');
  const [, name = '', session] = /^(.*?)(-sess)?$/.exec(algorithm?.toLowerCase() ?? 'md5') ?? [];
  const hash = HASHES.get(name);
  const offered = wordsOf(parameters.get('qop')?.toLowerCase(), /[ \t,]+/);
  // Whether a body arrived whole is for TLS to say: `auth-int` where nothing else is taken.
  const qop = (['auth', 'auth-int'] as const).find((each) => offered.includes(each));
  if (realm === undefined || nonce === undefined || hash === undefined || !AVAILABLE.has(hash)) return undefined;
  if (offered.length > 0 && qop === undefined) return undefined;
  return {
    realm,
    nonce,
    ...(opaque === undefined ? {} : { opaque }),
    ...(algorithm === undefined ? {} : { algorithm }),
    hash,
    isSession: session !== undefined,
    ...(qop === undefined ? {} : { qop }),
    userhash: parameters.get('userhash')?.toLowerCase() === 'true',
    isUtf8: parameters.get('charset')?.toLowerCase() === 'utf-8',
    domain: wordsOf(parameters.get('domain'), /[ \t]+/)
      .filter((text) => URL.canParse(text, url.origin))
      .map((text) => new URL(text, url.origin).href),
  };
}

function wordsOf(list: string | undefined, separator: RegExp): readonly string[] {
  return list?.split(separator).filter((word) => word !== '') ?? [];
}
