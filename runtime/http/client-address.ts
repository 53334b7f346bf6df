/**
 * Whose request it is, as far as an address tells: for limits, not for trust. `X-Forwarded-For` is believed only where
 * the operator has said how many proxies of theirs stand in front: what stands further left, the client may have made up.
 */

import type { IncomingMessage } from 'node:http';
import { isIP, SocketAddress } from 'node:net';

/**
 * The client's address; of an IPv6 one the first 64 bits, which is the least that one customer of a network is given.
 * Undefined where it is one of this machine: that is the operator, or a proxy of theirs that says nothing of its clients.
 */
export function clientAddress(req: IncomingMessage, trustedProxies: number): string | undefined {
  const direct = req.socket.remoteAddress ?? '';
  const address = oneSpelling(trustedProxies === 0 ? direct : (forwardedFor(req, trustedProxies) ?? direct));
  if (address === '::1' || address.startsWith('127.')) return undefined;
  return isIP(address) === 6 ? network64(address) : address;
}

/** Each proxy adds at the right whom it has the request from. */
function forwardedFor({ headers }: IncomingMessage, trustedProxies: number): string | undefined {
  const told = String(headers['x-forwarded-for'] ?? '').split(',');
  const address = withoutPort(told.at(-Math.min(trustedProxies, told.length))!.trim());
  return isIP(address) === 0 ? undefined : address;
}

/** Some proxies name the client's port too: `198.51.100.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  const [, ipv6, ipv4] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return ipv6 ?? ipv4 ?? text;
}

/** An IPv6 address as short as it can be, without its zone; an IPv4 one that is written as IPv6 is itself. */
function oneSpelling(address: string): string {
  if (isIP(address) !== 6) return address;
  const short = new SocketAddress({ address: address.split('%')[0]!, family: 'ipv6' }).address;
  return short.replace(/^::ffff:(?=\d+\.)/, '');
}

/** `2001:db8::1` → `2001:db8:0:0`. */
function network64(address: string): string {
  const [left = '', right] = address.split('::');
  const groups = left === '' ? [] : left.split(':');
  if (right !== undefined) {
    const tail = right === '' ? [] : right.split(':');
    while (groups.length + tail.length < 8) groups.push('0');
    groups.push(...tail);
  }
  return groups.slice(0, 4).join(':');
}
