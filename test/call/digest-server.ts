/**
 * A server that wants HTTP Digest authentication, and computes for itself what it is to be sent: it knows which nonces
 * it gave, refuses a count that it was sent before, and says which of its nonces are stale.
 */

import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

export interface DigestRules {
  /** User → password. */
  readonly users: Readonly<Record<string, string>>;
  readonly realm?: string;
  /** What the challenge names; without it none, and MD5. */
  readonly algorithm?: string;
  /** Without it RFC 2069. */
  readonly qop?: 'auth' | 'auth-int';
  readonly userhash?: boolean;
  readonly domain?: string;
  /** Whether a count has to be the one after the last. */
  readonly isOrdered?: boolean;
  /** How often a nonce may be used. */
  readonly uses?: number;
  /** Whether an answer says which nonce comes next. */
  readonly saysNext?: boolean;
  /** One nonce for whoever asks. */
  readonly isShared?: boolean;
  /** The header, around the server's own challenge. */
  readonly challenges?: (own: string) => string | readonly string[];
}

export interface DigestServer {
  readonly listener: RequestListener;
  /** What was let in: the fields of each Authorization header. */
  readonly admitted: readonly Readonly<Record<string, string>>[];
  /** What was refused, and why; nothing for requests without an answer to a challenge. */
  readonly refused: readonly string[];
  /** Requests without an answer to a challenge. */
  readonly bare: () => number;
  /** Makes all nonces stale. */
  expire(): void;
}

/** @param then answers what was let in. */
export function digestServer(
  rules: DigestRules,
  then: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
): DigestServer {
  const { users, realm = 'acme "things"', algorithm, qop, isOrdered, uses = Infinity, saysNext, isShared } = rules;
  const nonces = new Map<string, Set<number>>();
  const admitted: Readonly<Record<string, string>>[] = [];
  const refused: string[] = [];
  let bare = 0;
  const opaque = randomBytes(6).toString('base64');
  const digest = (data: string | Buffer): string => {
    const name = (algorithm ?? 'MD5')
      .replace('-sess', '')
      .replace('SHA-512-256', 'SHA512-256')
      .replace('SHA-256', 'SHA256');
    return createHash(name.toLowerCase()).update(data).digest('hex');
  };
  const newNonce = (): string => {
    const [first] = nonces.keys();
    if (isShared && first !== undefined) return first;
    const nonce = randomBytes(12).toString('base64');
    nonces.set(nonce, new Set());
    return nonce;
  };

  function challenge(response: ServerResponse, isStale: boolean): void {
    const fields = [
      `Digest realm="${realm.replace(/["\\]/g, '\\$&')}"`,
      `nonce="${newNonce()}"`,
      `opaque="${opaque}"`,
      ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
      ...(qop === undefined ? [] : [`qop="${qop}"`]),
      ...(isStale ? ['stale=true'] : []),
      ...(rules.userhash ? ['userhash=true', 'charset=UTF-8'] : []),
      ...(rules.domain === undefined ? [] : [`domain="${rules.domain}"`]),
    ].join(', ');
    const own = Buffer.from(fields, 'utf8').toString('latin1');
    response.statusCode = 401;
    // A body of text would have the header written as UTF-8 too.
    response.setHeader('www-authenticate', rules.challenges?.(own) ?? own).end(Buffer.from('{"error":"prove it"}'));
  }

  /** Why it is not let in. */
  function fault(request: IncomingMessage, sent: Readonly<Record<string, string>>, body: Buffer): string | undefined {
    const user = Object.keys(users).find(
      (name) => sent['username'] === (rules.userhash ? digest(`${name}:${realm}`) : name),
    );
    if (user === undefined) return 'user';
    if (sent['realm'] !== realm || sent['opaque'] !== opaque || sent['algorithm'] !== algorithm) return 'parameters';
    if (sent['uri'] !== request.url) return 'uri';
    if (sent['qop'] !== qop || (sent['userhash'] === 'true') !== (rules.userhash === true)) return 'parameters';
    const own = digest(`${user}:${realm}:${users[user]!}`);
    const a1 = algorithm?.endsWith('-sess') === true ? digest(`${own}:${sent['nonce']!}:${sent['cnonce']!}`) : own;
    const a2 = digest([request.method, sent['uri'], ...(qop === 'auth-int' ? [digest(body)] : [])].join(':'));
    const counted = qop === undefined ? [] : [sent['nc'], sent['cnonce'], qop];
    if (sent['response'] !== digest([a1, sent['nonce'], ...counted, a2].join(':'))) return 'response';
    const used = nonces.get(sent['nonce']!);
    if (used === undefined) return 'stale';
    if (qop === undefined) return undefined;
    const count = parseInt(sent['nc']!, 16);
    if (used.has(count)) return 'replay';
    if (count > uses || (isOrdered && count !== used.size + 1)) return 'stale';
    used.add(count);
    return undefined;
  }

  return {
    admitted,
    refused,
    bare: () => bare,
    expire: () => nonces.clear(),
    listener: (request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const body = Buffer.concat(pieces);
        const { authorization } = request.headers;
        if (authorization === undefined) {
          bare += 1;
          return challenge(response, false);
        }
        const sent = fieldsOf(authorization);
        const why = fault(request, sent, body);
        if (why !== undefined) {
          refused.push(why);
          return challenge(response, why === 'stale');
        }
        admitted.push(sent);
        if (saysNext) response.setHeader('authentication-info', `nextnonce="${newNonce()}", qop=auth`);
        then(request, response, body);
      });
    },
  };
}

function fieldsOf(authorization: string): Readonly<Record<string, string>> {
  const text = Buffer.from(authorization, 'latin1').toString('utf8');
  return Object.fromEntries(
    [...text.matchAll(/([a-z]+\*?)=(?:"((?:\\.|[^"\\])*)"|([^", ]+))/g)].map(([, name, quoted, token]) => [
      name!,
      quoted?.replace(/\\(.)/g, '$1') ?? token!,
    ]),
  );
}
