import assert from 'node:assert/strict';

import type { SecurityScheme } from '../../generated/contract.js';
import { Secret } from '../../runtime/credential/secret.js';
import { wrongValue, WrongValues } from '../../runtime/credential/wrong-value.js';
import { fixedValues } from './fixed-values.js';

const BASIC: SecurityScheme = { type: 'http', scheme: 'basic' };
const DIGEST: SecurityScheme = { type: 'http', scheme: 'digest' };
const CLIENT: SecurityScheme = { type: 'oauth2', tokenUrl: '/token' };
const OPENID: SecurityScheme = { type: 'openIdConnect', url: '/openid' };
const TOKEN: SecurityScheme = { type: 'oauth2' };
const AWS: SecurityScheme = { type: 'awsSigV4' };
const HEADER: SecurityScheme = { type: 'apiKey', in: 'header', name: 'X-Key' };

describe('a value that no call could be made with', () => {
  const NO_COLON = 'is malformed: "user:password" has a colon in it';
  const NO_AWS =
    'is malformed: it is neither "accessKeyId:secretAccessKey" nor "accessKeyId:secretAccessKey:sessionToken"';
  const NO_CLIENT = 'is malformed: one part of "id:secret" is empty';
  const WRONG: readonly (readonly [name: string, scheme: SecurityScheme, value: string, fault: string])[] = [
    ['Basic without a colon', BASIC, 'canary', NO_COLON],
    ['Basic of a colon alone', BASIC, ':', 'is malformed: "user:password" has both of them empty'],
    ['Digest without a colon', DIGEST, 'canary', NO_COLON],
    ['a client without an id', CLIENT, ':canary', NO_CLIENT],
    ['a client without a secret', OPENID, 'canary:', NO_CLIENT],
    [
      'a client where there is no token url',
      TOKEN,
      'canary:secret',
      'is malformed: it has a colon, and the document has no token url for "id:secret", but takes a bearer token',
    ],
    ['AWS without a colon', AWS, 'CANARY', NO_AWS],
    ['AWS without a secret', AWS, 'CANARY:', NO_AWS],
    ['a control character', HEADER, 'can\u0007ary', 'has control characters in it'],
    ['what no header can hold', HEADER, 'canarý', 'is not ASCII, and no header can hold it'],
  ];
  for (const [name, scheme, value, fault] of WRONG) {
    it(`is told without the value: ${name}`, () => {
      assert.equal(wrongValue(scheme, 'ACME', [new Secret(value)])?.line, `the value of ACME ${fault}`);
    });
  }

  const RIGHT: readonly (readonly [name: string, scheme: SecurityScheme, value: string])[] = [
    ['Basic with an empty password', BASIC, 'key:'],
    ['Basic with an empty user', BASIC, ':key'],
    ['Digest with a colon in the password', DIGEST, 'user:a:b'],
    ['a client', CLIENT, 'id:secret'],
    ['a bearer token for a client', CLIENT, 'token'],
    ['a bearer token', TOKEN, 'token'],
    ['AWS with a session', AWS, 'AKIA:secret:session'],
    ['a key with a colon', HEADER, 'a:b'],
  ];
  for (const [name, scheme, value] of RIGHT) {
    it(`is not ${name}`, () => assert.equal(wrongValue(scheme, 'ACME', [new Secret(value)]), undefined));
  }

  it('is named by its place where there are several keys', () => {
    const keys = [new Secret('user:password'), new Secret('canary')];
    assert.equal(wrongValue(BASIC, 'ACME', keys)?.line, `key 2 of ACME ${NO_COLON}`);
  });
});

describe('the wrong values of all providers', () => {
  it('are told once for a variable that two schemes have, and not where there is no value', () => {
    const access = { securitySchemes: { one: BASIC, two: DIGEST }, credentials: { two: { env: 'SHARED' } } };
    const providers = new Map([
      ['acme', { id: 'acme', access }],
      ['other', { id: 'other', access }],
      ['open', { id: 'open' }],
    ]);
    const values = fixedValues(new Map([['SHARED', new Secret('canary')]]));
    assert.deepEqual(new WrongValues(values).lines(providers), [
      'the value of SHARED is malformed: "user:password" has a colon in it',
    ]);
  });
});
