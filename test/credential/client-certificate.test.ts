import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';

import { readClientCertificate, type ClientCertificate } from '../../runtime/credential/client-certificate.js';
import { Secret } from '../../runtime/credential/secret.js';
import { CERTIFICATES } from '../fixtures/test-certificates.js';

const { ada, grace, traditional, locked, lockedTraditional, authority } = CERTIFICATES;

function read(pem: string): ClientCertificate {
  const certificate = readClientCertificate(new Secret(pem));
  if (typeof certificate === 'string') assert.fail(certificate);
  return certificate;
}

const blocks = (pem: string): readonly string[] => pem.split(/(?<=-----END [A-Z ]+-----\n)/);
const subjects = ({ chain }: ClientCertificate): readonly string[] =>
  blocks(chain).map((block) => new X509Certificate(block).subject);

describe('a client certificate', () => {
  const WAYS: readonly (readonly [way: string, pem: string, subjects: readonly string[]])[] = [
    ['the certificate first', ada, ['CN=ada']],
    ['the key first', blocks(ada).toReversed().join(''), ['CN=ada']],
    ['the key first, and who vouches for the certificate behind it', grace, ['CN=grace', 'CN=office']],
    ['the certificate behind that of who vouches for it, and a key in PKCS #1', traditional, ['CN=grace', 'CN=office']],
    ['line ends of Windows', grace.replaceAll('\n', '\r\n'), ['CN=grace', 'CN=office']],
    ['\\n for each line end', grace.replaceAll('\n', '\\n'), ['CN=grace', 'CN=office']],
    ['\\r\\n for each line end', grace.replaceAll('\n', '\\r\\n'), ['CN=grace', 'CN=office']],
    ['spaces for line ends', grace.replaceAll('\n', ' '), ['CN=grace', 'CN=office']],
    ['lines indented', grace.replaceAll(/^/gm, '    '), ['CN=grace', 'CN=office']],
    ['words between the blocks', `Bag Attributes\n  friendlyName: ada\n${ada}subject=CN = ada\n`, ['CN=ada']],
  ];
  for (const [way, pem, want] of WAYS) {
    it(`is read with ${way}`, () => assert.deepEqual(subjects(read(pem)), want));
  }

  it('has a time, and is told from others by its chain and not by how it was written', () => {
    const { validFromMs, validUntilMs, fingerprint } = read(ada);
    assert.equal(new Date(validFromMs).toISOString(), '2020-01-01T00:00:00.000Z');
    assert.equal(new Date(validUntilMs).toISOString(), '2120-01-01T00:00:00.000Z');
    assert.equal(read(ada.replaceAll('\n', '\\n')).fingerprint, fingerprint);
    assert.equal(read(grace).fingerprint, read(traditional).fingerprint);
    assert.notEqual(read(grace).fingerprint, fingerprint);
  });

  const [adaCertificate = '', adaKey = ''] = blocks(ada);
  const [graceKey = ''] = blocks(grace);
  const FAULTS: readonly (readonly [name: string, value: string, fault: string])[] = [
    ['a password', 'canary-password', 'it has no block of PEM that is whole'],
    ['a path', '/run/secrets/acme.pem', 'it has no block of PEM that is whole'],
    ['a block that is cut off', adaKey.slice(0, 100), 'it has no block of PEM that is whole'],
    ['no key', adaCertificate, 'it has no private key'],
    ['a key that is cut off', adaCertificate + adaKey.slice(0, 100), 'it has no private key'],
    ['no certificate', adaKey, 'it has no certificate'],
    ['the key of somebody else', adaCertificate + graceKey, 'its private key belongs to none of its certificates'],
    [
      'the authority in place of the certificate',
      authority + adaKey,
      'its private key belongs to none of its certificates',
    ],
    ['two pairs', ada + grace, 'it has 2 private keys, and a connection shows one certificate'],
    ['an encrypted key', locked, 'its private key is encrypted: "openssl pkey -in FILE" writes it as it is'],
    [
      'an encrypted key of the older kind',
      lockedTraditional,
      'its private key is encrypted: "openssl pkey -in FILE" writes it as it is',
    ],
    [
      'a key of another program',
      adaCertificate + adaKey.replaceAll('PRIVATE', 'OPENSSH PRIVATE'),
      'its private key is of a kind that TLS has no use for: OPENSSH PRIVATE KEY',
    ],
    ['a broken key', adaCertificate + adaKey.replace('MIGH', 'AAAA'), 'its private key cannot be read (…)'],
    ['a broken certificate', adaCertificate.replace('MII', 'AAA') + adaKey, 'a certificate in it cannot be read (…)'],
  ];
  for (const [name, value, fault] of FAULTS) {
    it(`is not read, and what is wrong is said without a part of it: ${name}`, () => {
      const told = readClientCertificate(new Secret(value));
      // What OpenSSL calls it differs from one version to the next.
      assert.equal(typeof told === 'string' && told.replace(/ERR_OSSL_\w+/, '…'), fault);
    });
  }

  it('prints nothing of its key', () => {
    const certificate = read(grace);
    const printed = inspect(certificate, { depth: 10, showHidden: true }) + JSON.stringify(certificate);
    for (const line of graceKey.split('\n').slice(1, -2)) assert.equal(printed.includes(line), false);
  });

  it('counts each line of its key as a secret, in the encoding that it came in too', () => {
    for (const pem of [grace, traditional]) {
      const key = blocks(pem).find((block) => block.includes('PRIVATE KEY')) ?? '';
      const secrets = read(pem).secrets.map((secret) => secret.reveal());
      const lines = key.split('\n').slice(1, -2);
      assert.ok(lines.length > 20);
      assert.deepEqual(
        lines.filter((line) => !secrets.includes(line)),
        [],
      );
    }
  });
});
