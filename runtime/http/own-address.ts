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
  return names.some((name) => origin === `http://${name}:${own.port}`);
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function hostname(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host.toLowerCase();
}

function refused(header: string, value: string | undefined): GatewayError {
  return new GatewayError(
    'ORIGIN_NOT_ALLOWED',
    `${header} "${(value ?? '').slice(0, 100)}" is not this gateway's address`,
    'use the address that the gateway prints at its start; behind a proxy set TOLLGATE_PUBLIC_URL',
  );
}
