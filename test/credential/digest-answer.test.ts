import assert from 'node:assert/strict';

import { answerDigest, digestKeys } from '../../runtime/credential/digest-answer.js';
import { chooseDigest } from '../../runtime/credential/digest-challenge.js';
import { Secret } from '../../runtime/credential/secret.js';

interface Given {
  readonly challenge: string;
  readonly user: string;
  readonly password: string;
  readonly cnonce: string;
  readonly url: string;
  readonly method?: string;
  readonly body?: string;
  readonly count?: number;
}

function answer({
  challenge: text,
  user,
  password,
  cnonce,
  url: href,
  method = 'GET',
  body,
  count = 1,
}: Given): string {
  const url = new URL(href);
  const challenge = chooseDigest(text, url);
  assert.ok(challenge !== undefined);
  const login = { pair: new Secret(`${user}:${password}`), user, password: new Secret(password) };
  const { a1 } = digestKeys(challenge, login, cnonce);
  const request = { method, url, ...(body === undefined ? {} : { body: Buffer.from(body) }) };
  return answerDigest({ challenge, user, a1, cnonce, count }, request).authorization;
}

const RFC_7616 = {
  user: 'Mufasa',
  password: 'Circle of Life',
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  url: 'http://www.example.org/dir/index.html',
};
const rfc7616 = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
  'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

describe('the answer to a Digest challenge', () => {
  const published: readonly (readonly [name: string, given: Given, want: string])[] = [
    [
      'RFC 2617 section 3.5',
      {
        challenge:
          'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
          'opaque="5ccc069c403ebaf9f0171e9517f40e41"',
        user: 'Mufasa',
        password: 'Circle Of Life',
        cnonce: '0a4f113b',
        url: 'http://www.nowhere.org/dir/index.html',
      },
      'Digest username="Mufasa", realm="testrealm@host.com", uri="/dir/index.html", ' +
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", nc=00000001, cnonce="0a4f113b", qop=auth, ' +
        'response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
    ],
    [
      'RFC 7616 section 3.9.1, MD5',
      { ...RFC_7616, challenge: rfc7616('MD5') },
      'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=MD5, ' +
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ' +
        'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, ' +
        'response="8ca523f5e9506fed4657c9700eebdbec", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    ],
    [
      'RFC 7616 section 3.9.1, SHA-256',
      { ...RFC_7616, challenge: rfc7616('SHA-256') },
      'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, ' +
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, ' +
        'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, ' +
        'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", ' +
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    ],
    [
      'RFC 7616 section 3.9.2, SHA-512-256 with a hashed name, as erratum 4897 corrects its two hashes',
      {
        challenge:
          'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, ' +
          'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ' +
          'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
        user: 'J\u00e4s\u00f8n Doe',
        password: 'Secret, or not?',
        cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
        url: 'http://api.example.org/doe.json',
      },
      'Digest username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b", ' +
        'realm="api@example.org", uri="/doe.json", algorithm=SHA-512-256, ' +
        'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", nc=00000001, ' +
        'cnonce="NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v", qop=auth, ' +
        'response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5", ' +
        'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", userhash=true',
    ],
  ];
  for (const [name, given, want] of published) {
    it(`is the published one: ${name}`, () => assert.equal(answer(given), want));
  }

  /** The fields of the header, without quotes. */
  const fields = (header: string) =>
    Object.fromEntries(
      [...header.matchAll(/([a-z]+\*?)=("[^"]*"|[^, ]+)/g)].map(([, name = '', value = '']) => [
        name,
        value.replaceAll('"', ''),
      ]),
    );

  it('has neither a count nor a nonce of its own for RFC 2069, which knows none', () => {
    const challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"';
    const given = { ...RFC_7616, challenge, password: 'CircleOfLife' };
    assert.equal(
      answer(given),
      'Digest username="Mufasa", realm="testrealm@host.com", uri="/dir/index.html", ' +
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", response="1949323746fe6a43ef61f9606e7febea"',
    );
  });

  const sessions: readonly (readonly [algorithm: string, qop: string, response: string])[] = [
    ['MD5-sess', ', qop=auth', 'e783283f46242139c486a698fec7211d'],
    ['SHA-256-sess', ', qop=auth', '2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7'],
    ['MD5-sess', '', '37a7f42db2090a3fcac4e26e747d4fc8'],
    ['SHA-256-sess', '', '30bc0742357e535c85094121d22cf826b794be0667e19537beb7b28f2251c274'],
  ];
  for (const [algorithm, qop, want] of sessions) {
    it(`is made with a key of the session, and tells of what: ${algorithm}${qop}`, () => {
      const challenge = `${rfc7616(algorithm).replace(' qop="auth, auth-int",', '')}${qop}`;
      const { response, cnonce } = fields(answer({ ...RFC_7616, challenge }));
      assert.deepEqual([response, cnonce], [want, RFC_7616.cnonce]);
    });
  }

  const bodies: readonly (readonly [name: string, body: string | undefined, response: string])[] = [
    ['its octets', '{"a":"é"}', '54d52b72d42e6259df384ff7321f4b0a3cd4c8a935a87b6862ce55adc2b3ca33'],
    ['none', undefined, 'adccd3442975d80542a1a8adf8678a2ea8946b3dee5efdde01ca45fa22d67a90'],
  ];
  for (const [name, body, want] of bodies) {
    it(`is over the method, the target as it is sent, the count in hex, and for auth-int the body: ${name}`, () => {
      const challenge = rfc7616('SHA-256').replace('auth, auth-int', 'auth-int');
      const url = `${RFC_7616.url}?a=%20b&c`;
      const { uri, nc, qop, response } = fields(
        answer({ ...RFC_7616, challenge, url, method: 'POST', count: 26, ...(body === undefined ? {} : { body }) }),
      );
      assert.deepEqual([uri, nc, qop, response], ['/dir/index.html?a=%20b&c', '0000001a', 'auth-int', want]);
    });
  }

  it('escapes what stands in quotes, and is made of what does not have to be escaped', () => {
    const challenge = 'Digest realm="r \\"q\\" \\\\", nonce=n, opaque="\\"o"';
    assert.equal(
      answer({ challenge, user: 'a"b\\c', password: 'p', cnonce: '', url: 'http://h/x' }),
      'Digest username="a\\"b\\\\c", realm="r \\"q\\" \\\\", uri="/x", nonce="n", ' +
        'response="6f4d30fa66b78bbe383f042a70e86671", opaque="\\"o"',
    );
  });

  const names: readonly (readonly [name: string, charset: string, user: string, want: string])[] = [
    [
      'encoded, where the server reads UTF-8',
      ', charset=UTF-8',
      'J\u00e4s\u00f8n Doe',
      "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe,",
    ],
    ['as octets, where it does not say so', '', 'J\u00e4n', 'username="J\u00c3\u00a4n",'],
    ['in quotes, where it is ASCII', ', charset=UTF-8', 'Jan Doe', 'username="Jan Doe",'],
  ];
  for (const [name, charset, user, want] of names) {
    it(`names the user ${name}`, () => {
      const header = answer({ ...RFC_7616, challenge: rfc7616('MD5') + charset, user });
      assert.equal(header.slice('Digest '.length, 'Digest '.length + want.length), want);
    });
  }
});
