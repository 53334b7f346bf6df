import assert from 'node:assert/strict';

import { readChallenges } from '../../runtime/credential/authentication-challenges.js';

describe('the challenges of a WWW-Authenticate header', () => {
  /** `scheme token68 name=value …`, as they were read. */
  const read = (header: string): readonly string[] =>
    readChallenges(header).map(({ scheme, token68, parameters }) =>
      [scheme, ...(token68 === undefined ? [] : [token68]), ...[...parameters].map((pair) => pair.join('='))].join(' '),
    );

  const cases: readonly (readonly [name: string, given: string, want: readonly string[]])[] = [
    ['nothing', '', []],
    ['a scheme alone', 'Negotiate', ['negotiate']],
    ['a token68', 'Negotiate YIIab-._~+/c==', ['negotiate YIIab-._~+/c==']],
    ['one with parameters', 'Basic realm="a b", charset="UTF-8"', ['basic realm=a b charset=UTF-8']],
    [
      "several in one header, as RFC 9110's own",
      'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
      ['basic realm=simple', 'newauth realm=apps type=1 title=Login to "apps"'],
    ],
    ['a scheme alone before another one', 'Negotiate, Digest realm=x', ['negotiate', 'digest realm=x']],
    ['a token68 before another one', 'Negotiate abc=, Digest realm=x', ['negotiate abc=', 'digest realm=x']],
    [
      'commas and a scheme within quotes',
      'Digest realm="x, Basic realm=y", nonce=z',
      ['digest realm=x, Basic realm=y nonce=z'],
    ],
    ['an escaped backslash at the end', 'Digest realm="a\\\\", nonce="b"', ['digest realm=a\\ nonce=b']],
    ['empty text', 'Digest realm="", nonce=b', ['digest realm= nonce=b']],
    ['white space around the equals sign', 'Digest realm = "x" ,\tnonce\t=\ty', ['digest realm=x nonce=y']],
    ['empty elements of the list', ', Digest , realm=x,, nonce=y ,', ['digest realm=x nonce=y']],
    ['names without regard to case', 'DIGEST Realm=X, NONCE=Y', ['digest realm=X nonce=Y']],
    ['of several with one name the first', 'Digest realm=x, realm=y', ['digest realm=x']],
    ['a parameter that is none passed over', 'Digest realm=x, {?}, nonce=y', ['digest realm=x nonce=y']],
    ['an end within quotes', 'Digest nonce=y, realm="x', ['digest nonce=y']],
    ['a control character, which no header could send back', 'Digest nonce=y, realm="a\u0001b"', ['digest nonce=y']],
    ['parameters of no scheme', 'realm=x, Digest nonce=y', ['digest nonce=y']],
  ];
  for (const [name, given, want] of cases) {
    it(`are read: ${name}`, () => assert.deepEqual(read(given), want));
  }
});
