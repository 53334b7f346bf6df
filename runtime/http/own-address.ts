/**
 * Is this request meant for us? A web page that rebinds its DNS name to our address sends its own name as `Host`, and
 * any page of another site sends its own `Origin`. Both are refused, so that a browser cannot be made to spend money.
 */

import { isIP } from 'node:net';

import { GatewayError } from '../gateway-error.js';

export interface OwnAddress {
  /** As listened on. */
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** Where clients find the gateway, without a trailing slash. */
export function ownUrl({ host, port, publicUrl }: OwnAddress): string {
  return publicUrl ?? `http://${hostname(host)}:${port}`;
}

/** So many spellings of our address are remembered; clients use one or two. */
const MOST_REMEMBERED = 100;

/**
 * Checks requests against our address, and remembers which `Host` was found to be ours: clients say the same one with
 * each request.
 * @param own our address, which is known when we listen, and stays.
 */
export class OwnAddressCheck {
  readonly #ours = new Set<string>();

  constructor(private readonly own: () => OwnAddress) {}

  /** @throws GatewayError ORIGIN_NOT_ALLOWED */
  check(host: string | undefined, origin: string | undefined): void {
    if (host !== undefined && origin === undefined && this.#ours.has(host)) return;
    checkOwnAddress(this.own(), host, origin);
    if (host !== undefined && this.#ours.size < MOST_REMEMBERED) this.#ours.add(host);
  }
}

/** @throws GatewayError ORIGIN_NOT_ALLOWED */
function checkOwnAddress(own: OwnAddress, host: string | undefined, origin: string | undefined): void {
  // A URL may hold more than a name and a port, and a Host header may not (RFC 9110 section 7.2).
  const plain = host !== undefined && !/[@/\\?#]/.test(host) && URL.canParse(`http://${host}`);
  const name = plain ? new URL(`http://${host}`).hostname : undefined;
  if (name === undefined || !isOwnName(own, name)) {
    throw refused('Host', host);
  }
  if (origin !== undefined && !isOwnOrigin(own, origin)) throw refused('Origin', origin);
}

function isOwnName(own: OwnAddress, name: string): boolean {
  if (LOOPBACK_NAMES.includes(name)) return true;
  if (own.publicUrl !== undefined && new URL(own.publicUrl).hostname === name) return true;
  // A literal address cannot be rebound; it is ours where we listen on all of them.
  if (isWildcard(own.host)) return isIP(name.replace(/^\[|\]$/g, '')) !== 0;
  return name === hostname(own.host);
}

function isOwnOrigin(own: OwnAddress, origin: string): boolean {
  if (own.publicUrl !== undefined && new URL(own.publicUrl).origin === origin) return true;
  const names = isWildcard(own.host) ? LOOPBACK_NAMES : [...LOOPBACK_NAMES, hostname(own.host)];
  // A browser leaves the port out where it is 80, and so does URL.
  return names.some((name) => new URL(`http://${name}:${own.port}`).origin === origin);
}

function isWildcard(host: string): boolean {
  return hostname(host) === '0.0.0.0' || hostname(host) === '[::]';
}

/** As it stands in a URL: lower case, an IPv6 address short and in brackets. */
function hostname(host: string): string {
  return new URL(`http://${isIP(host) === 6 ? `[${host}]` : host}`).hostname;
}

function refused(header: string, value: string | undefined): GatewayError {
  return new GatewayError(
    'ORIGIN_NOT_ALLOWED',
    `${header} "${(value ?? '').slice(0, 100)}" is not this gateway's address`,
    'use the address that the gateway prints at its start; behind a proxy set TOLLGATE_PUBLIC_URL',
  );
}
