/**
 * Which addresses a document may make the generator fetch from: public ones alone. What a document refers to is chosen
 * by whoever wrote it, and the machine that generates may reach what its author may not: its own services, its network,
 * a cloud's metadata. The runtime guards its requests by a room of its own.
 */

import { lookup as resolve, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Ranges that ipaddr.js counts as unicast and that lead inside all the same. */
const INSIDE = ['168.63.129.16/32', '::/96', '::ffff:0:0:0/96', '64:ff9b:1::/48', 'fec0::/10'].map((range) =>
  ipaddr.parseCIDR(range),
);

/** @param address an IP address, in IPv6 with or without brackets */
export function isPublicAddress(address: string): boolean {
  const text = address.replace(/^\[(.*)\]$/, '$1');
  if (!ipaddr.isValid(text)) return false;
  const parsed = ipaddr.parse(text);
  return (
    parsed.range() === 'unicast' && !INSIDE.some((range) => parsed.kind() === range[0].kind() && parsed.match(range))
  );
}

/** A host name resolved to an address that is not public. */
export class PrivateAddressError extends Error {
  constructor(readonly host: string) {
    super(`${host} is not at a public address`);
    this.name = 'PrivateAddressError';
  }
}

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * As `dns.lookup`, but fails where one of the addresses is not public. What it judged is what is connected to, so that a
 * name cannot change its address in between.
 */
export function lookupPublic(host: string, options: LookupOptions, callback: LookupCallback): void {
  resolve(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) callback(error, []);
    else if (!addresses.every(({ address }) => isPublicAddress(address))) callback(new PrivateAddressError(host), []);
    else if (options.all === true) callback(null, addresses);
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
  });
}

/** Whether the host of a URL is written as an address, which is then never looked up. */
export function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
