import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';

import { clientAddress } from '../../runtime/http/client-address.js';

describe('the address of a client', () => {
  const CASES: readonly (readonly [
    name: string,
    remoteAddress: string,
    forwarded: string | undefined,
    trustedProxies: number,
    want: string | undefined,
  ])[] = [
    ['is the one that it connects from', '192.0.2.7', undefined, 0, '192.0.2.7'],
    ['is an IPv4 one, where it is written as IPv6', '::ffff:192.0.2.7', undefined, 0, '192.0.2.7'],
    ['is the network of an IPv6 one', '2001:db8:1:2:3:4:5:6', undefined, 0, '2001:db8:1:2'],
    ['is the network of a short IPv6 one', '2001:DB8::6', undefined, 0, '2001:db8:0:0'],
    ['is the network, whatever zone is named behind it', '2001:db8::6%a:b:c:d:e', undefined, 0, '2001:db8:0:0'],
    ['is the same network with leading zeros', '2001:0db8:0001:0002::6', undefined, 0, '2001:db8:1:2'],
    ['is none on this machine', '127.0.0.1', undefined, 0, undefined],
    ['is none on this machine, by IPv6', '::1', undefined, 0, undefined],
    ['is not what it says of itself', '192.0.2.7', '198.51.100.1', 0, '192.0.2.7'],
    ['is what the proxy says', '127.0.0.1', '198.51.100.1', 1, '198.51.100.1'],
    ['is what the proxy says, without a port', '10.0.0.1', '198.51.100.1:4711', 1, '198.51.100.1'],
    ['is what the proxy says, by IPv6 without a port', '10.0.0.1', '[2001:db8::6]:4711', 1, '2001:db8:0:0'],
    ['is an IPv4 one, where the proxy writes it as IPv6', '127.0.0.1', '::ffff:198.51.100.1', 1, '198.51.100.1'],
    ['is the same IPv4 one in hexadecimal', '127.0.0.1', '::ffff:c633:6401', 1, '198.51.100.1'],
    ['is none where the proxy speaks for this machine', '10.0.0.1', '0:0:0:0:0:0:0:1', 1, undefined],
    ['is not what a client told the proxy', '127.0.0.1', '203.0.113.9, 198.51.100.1', 1, '198.51.100.1'],
    ['is what the outer of two proxies says', '10.0.0.1', '203.0.113.9, 198.51.100.1, 10.0.0.2', 2, '198.51.100.1'],
    ['is the first there is where there are fewer than proxies', '10.0.0.1', '198.51.100.1', 2, '198.51.100.1'],
    ['is the proxy’s own where it says none', '10.0.0.1', undefined, 1, '10.0.0.1'],
    ['is the proxy’s own where it says nonsense', '10.0.0.1', 'unknown', 1, '10.0.0.1'],
  ];
  for (const [name, remoteAddress, forwarded, trustedProxies, want] of CASES) {
    it(name, () => {
      const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
      const request = { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
      assert.equal(clientAddress(request, trustedProxies), want);
    });
  }
});
