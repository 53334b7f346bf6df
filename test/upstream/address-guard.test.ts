import assert from 'node:assert/strict';
import { refusalOfAddress, refusalOfHost } from '../../runtime/upstream/address-guard.js';

describe('the address guard', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'unspecified'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'carrierGradeNat'],
    ['100.100.100.200', 'carrierGradeNat'],
    ['169.254.169.254', 'linkLocal'],
    ['168.63.129.16', 'azure platform'],
    ['192.0.0.192', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['192.88.99.1', '6to4 relay'],
    ['198.18.0.1', 'reserved'],
    ['198.51.100.1', 'reserved'],
    ['203.0.113.1', 'reserved'],
    ['224.0.0.1', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'ipv4-compatible'],
    ['::1', 'ipv4-compatible'],
    ['::127.0.0.1', 'ipv4-mapped'],
    ['::ffff:127.0.0.1', 'ipv4-mapped'],
    ['::ffff:7f00:1', 'ipv4-mapped'],
    ['::ffff:8.8.8.8', 'ipv4-mapped'],
    ['::ffff:0:127.0.0.1', 'ipv4-translated'],
    ['64:ff9b::7f00:1', 'nat64'],
    ['64:ff9b:1::7f00:1', 'local nat64'],
    ['100::1', 'discard'],
    ['2001::1', 'ietf protocol'],
    ['2001:db8::1', 'reserved'],
    ['2002:7f00:1::', '6to4'],
    ['3fff::1', 'reserved'],
    ['4000::1', 'an address outside of 2000::/3'],
    ['fc00::1', 'unique local'],
    ['fd00:ec2::254', 'unique local'],
    ['fe80::1', 'link-local'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['2130706433', 'loopback'],
    ['0x7f.1', 'loopback'],
    ['0177.0.0.1', 'loopback'],
    ['127.1', 'loopback'],
    ['not an address', 'not an ip address'],
  ];
  for (const [address, kind] of refused) {
    it(`refuses ${address}`, () => assert.ok(refusalOfAddress(address)?.endsWith(kind), refusalOfAddress(address)));
  }

  for (const address of [
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001::1',
  ]) {
    it(`allows ${address}`, () => assert.equal(refusalOfAddress(address), undefined));
  }

  for (const host of [
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    '[::1]',
    '[::]',
    '127.0.0.1.',
    '2130706433',
    '0x7f.1',
  ]) {
    it(`refuses the host ${host}`, () => assert.notEqual(refusalOfHost(host), undefined));
  }

  for (const host of [
    'example.com',
    'localhost.example.com',
    '[2606:4700:4700::1111]',
    '8.8.8.8',
    '127.0.0.1.nip.io',
  ]) {
    it(`leaves the host ${host} to the resolver, or allows it`, () => assert.equal(refusalOfHost(host), undefined));
  }
});
