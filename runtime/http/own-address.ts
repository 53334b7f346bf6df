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

/** @throws GatewayError ORIGIN_NOT_ALLOWED */
export function checkOwnAddress(own: OwnAddress, host: string | undefined, origin: string | undefined): void {
  const name = host === undefined || !URL.canParse(`http://${host}`) ? undefined : new URL(`http://${host}`).hostname;
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
