import assert from 'node:assert/strict';

import { chooseDigest } from '../../runtime/credential/digest-challenge.js';

const URL_ASKED = new URL('https://api.example.org/v1/things?page=1');

describe('the Digest challenge that is answered', () => {
  const choices: readonly (readonly [name: string, header: string, algorithm: string | undefined])[] = [
    [
      'the strongest hash, not the first',
      'Digest realm=r, nonce=a, algorithm=MD5, Digest realm=r, nonce=b, algorithm=SHA-256',
      'SHA-256',
    ],
    [
      'SHA-512-256 before SHA-256',
      'Digest realm=r, nonce=a, algorithm=SHA-256, Digest realm=r, nonce=b, algorithm=SHA-512-256',
      'SHA-512-256',
    ],
    [
      'of equals the first',
      'Digest realm=r, nonce=a, algorithm=SHA-256-sess, Digest realm=r, nonce=b, algorithm=SHA-256',
      'SHA-256-sess',
    ],
    [
      'a known one after a stronger that is not',
      'Digest realm=r, nonce=a, algorithm=SHA3-512, Digest realm=r, nonce=b, algorithm=MD5',
      'MD5',
    ],
    [
      'one beside other schemes',
      'Basic realm=r, Digest realm=r, nonce=a, algorithm=md5-SESS, Bearer realm=r',
      'md5-SESS',
    ],
    ['MD5, where none is named', 'Digest realm=r, nonce=a', undefined],
  ];
  for (const [name, header, algorithm] of choices) {
    it(`is ${name}`, () => {
      const chosen = chooseDigest(header, URL_ASKED);
      assert.ok(chosen !== undefined);
      assert.equal(chosen.algorithm, algorithm);
    });
  }

  const unusable: readonly (readonly [name: string, header: string])[] = [
    ['no header', ''],
    ['another scheme', 'Basic realm="x"'],
    ['no nonce', 'Digest realm="x"'],
    ['no realm', 'Digest nonce="x"'],
    ['an unknown algorithm', 'Digest realm=r, nonce=n, algorithm=SHA-1'],
    ['a session of no algorithm', 'Digest realm=r, nonce=n, algorithm=-sess'],
    ['an unknown quality of protection', 'Digest realm=r, nonce=n, qop="auth-conf"'],
  ];
  for (const [name, header] of unusable) {
    it(`is none: ${name}`, () => assert.equal(chooseDigest(header, URL_ASKED), undefined));
  }

  const qops: readonly (readonly [qop: string, want: string | undefined])[] = [
    ['', undefined],
    ['qop="auth"', 'auth'],
    ['qop=auth', 'auth'],
    ['qop="auth-int"', 'auth-int'],
    ['qop="auth-int,auth"', 'auth'],
    ['qop="AUTH-INT , Auth, other"', 'auth'],
    ['qop=""', undefined],
  ];
  for (const [qop, want] of qops) {
    it(`is answered with ${want ?? 'no qop'} for ${qop || 'none'}`, () => {
      assert.equal(chooseDigest(`Digest realm=r, nonce=n, ${qop}`, URL_ASKED)?.qop, want);
    });
  }

  it('says all that its server does', () => {
    const header =
      'Digest realm="r \\"q\\"", nonce="n", opaque="o", algorithm="SHA-256-sess", qop="auth", userhash=true, ' +
      'charset="utf-8", domain="/v1 https://other.example.org/x http://["';
    assert.deepEqual(chooseDigest(header, URL_ASKED), {
      realm: 'r "q"',
      nonce: 'n',
      opaque: 'o',
      algorithm: 'SHA-256-sess',
      hash: 'sha256',
      isSession: true,
      qop: 'auth',
      userhash: true,
      isUtf8: true,
      domain: ['https://api.example.org/v1', 'https://other.example.org/x'],
    });
  });
});
