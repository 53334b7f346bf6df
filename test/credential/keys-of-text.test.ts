import assert from 'node:assert/strict';

import { keysOfText } from '../../runtime/credential/keys-of-text.js';

const block = (label: string, body: string): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----`;
const certificate = (body: string): string => block('CERTIFICATE', body);
const key = (body: string): string => block('PRIVATE KEY', body);

describe('the keys of a text', () => {
  const TEXTS: readonly (readonly [name: string, text: string, want: readonly string[]])[] = [
    ['none where it is empty', '\n \n', []],
    ['one a line', 'one\n\n two \r\nthree', ['one', 'two', 'three']],
    ['one for a certificate and its key', `${certificate('a')}\n${key('b')}\n`, [`${certificate('a')}\n${key('b')}`]],
    [
      'one for a key, its certificate and who vouches for it',
      `${key('b')}\r\n\r\n${certificate('a')}\r\n${certificate('c')}`,
      [`${key('b')}\n${certificate('a')}\n${certificate('c')}`],
    ],
    [
      'one where the key stands in the middle',
      [certificate('a'), key('b'), certificate('c')].join('\n'),
      [[certificate('a'), key('b'), certificate('c')].join('\n')],
    ],
    [
      'several that end with their keys',
      [certificate('a'), certificate('c'), key('b'), certificate('d'), block('EC PRIVATE KEY', 'e')].join('\n'),
      [
        [certificate('a'), certificate('c'), key('b')].join('\n'),
        [certificate('d'), block('EC PRIVATE KEY', 'e')].join('\n'),
      ],
    ],
    [
      'several that begin with their keys',
      [key('b'), certificate('a'), certificate('c'), key('e'), certificate('d')].join('\n'),
      [[key('b'), certificate('a'), certificate('c')].join('\n'), [key('e'), certificate('d')].join('\n')],
    ],
    [
      'one a line where each has \\n for its line ends',
      `${certificate('a').replaceAll('\n', '\\n')}\n${certificate('d').replaceAll('\n', '\\n')}`,
      [certificate('a').replaceAll('\n', '\\n'), certificate('d').replaceAll('\n', '\\n')],
    ],
    ['one where there is a certificate alone', certificate('a'), [certificate('a')]],
  ];
  for (const [name, text, want] of TEXTS) {
    it(`are ${name}`, () => assert.deepEqual(keysOfText(text), want));
  }
});
