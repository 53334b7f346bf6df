/**
 * Says which addresses requests may go to: public unicast ones, and no others. It guards against documents, server
 * variables and DNS answers that point into the operator's own network or at a cloud's metadata service.
 *
 * It judges addresses only. That the address judged is the one connected to is the sender's part: it resolves once and
 * connects to what was judged.
 */

import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Special ranges that ipaddr.js counts as unicast, or that its future versions might: each with what it is. Its own
 * table covers the registries of RFC 6890: loopback, private, link-local (with 169.254.169.254), carrier-grade NAT,
 * multicast, documentation, benchmarking, reserved, unique local, mapped IPv4, NAT64, 6to4 and Teredo.
 */
const FORBIDDEN: readonly (readonly [cidr: string, what: string])[] = [
  ['168.63.129.16/32', 'azure platform'],
  ['192.88.99.0/24', '6to4 relay'],
  ['::/96', 'ipv4-compatible'],
  ['::ffff:0:0/96', 'ipv4-mapped'],
  ['::ffff:0:0:0/96', 'ipv4-translated'],
  ['64:ff9b::/96', 'nat64'],
  ['64:ff9b:1::/48', 'local nat64'],
  ['2001::/23', 'ietf protocol'],
  ['2002::/16', '6to4'],
  ['fc00::/7', 'unique local'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'site-local'],
];

/** All global unicast IPv6 addresses are in here (RFC 4291 section 2.4); what IANA has not given out is not reachable. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

const TABLE = FORBIDDEN.map(([cidr, what]) => ({ range: ipaddr.parseCIDR(cidr), what }));

/** What is told where requests may not go to a host, whether that shows in a url or in what its name resolves to. */
export function refusalText(host: string, what: string): string {
  return `requests may not go to ${JSON.stringify(host)}: ${what}`;
}

/**
 * Why requests may not go to this IP address, such as `a loopback address`, or undefined where they may.
 *
 * @param address in any notation that C libraries read, so also `2130706433`, `0x7f.1` or `0177.0.0.1`.
 */
export function refusalOfAddress(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return 'not an ip address';
  const parsed = ipaddr.parse(address);
  for (const { range, what } of TABLE) {
    if (parsed.kind() === range[0].kind() && parsed.match(range)) return `an address of the kind ${what}`;
  }
  const range = parsed.range();
  if (range !== 'unicast') return `an address of the kind ${range}`;
  if (parsed.kind() === 'ipv6' && !parsed.match(GLOBAL_UNICAST)) return 'an address outside of 2000::/3';
  return undefined;
}

/**
 * Why requests may not go to this host of a URL, as far as its name alone shows; undefined for a name that is to be
 * resolved, whose addresses are to be judged then.
 */
export function refusalOfHost(host: string): string | undefined {
  const name = host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  if (isIP(name) !== 0 || ipaddr.isValid(name)) return refusalOfAddress(name);
  if (name === 'localhost' || name.endsWith('.localhost')) return 'the name of this machine';
  return undefined;
}
