import assert from 'node:assert/strict';
import { SpecError } from '../../../generator/report/findings.js';
import { readYaml } from '../../../generator/settings/yaml-source.js';

describe('a YAML file of settings', () => {
  const READ: [name: string, text: string, want: unknown][] = [
    ['no, off and yes are texts', 'a: no\nb: off\nc: yes\n', { a: 'no', b: 'off', c: 'yes' }],
    ['a leading zero makes no octal number', 'a: 017\nb: 0o17\n', { a: 17, b: 15 }],
    ['a date is a text', 'a: 2024-01-31\n', { a: '2024-01-31' }],
    ['a byte order mark and Windows line ends are nothing', '\uFEFFa: x\r\nb: y\r\n', { a: 'x', b: 'y' }],
    ['a carriage return alone ends a line', 'a: x\rb: # y\r  c: z\r', { a: 'x', b: { c: 'z' } }],
    ['JSON is YAML', '{"a": ["x", null, 1.5]}', { a: ['x', null, 1.5] }],
    ['an alias is what its anchor is', 'a: &p { n: 1 }\nb: *p\n', { a: { n: 1 }, b: { n: 1 } }],
    [
      'a merge key brings keys in, and the own ones win',
      'a: &p { n: 1, m: 1 }\nb: { <<: *p, m: 2 }\n',
      { a: { n: 1, m: 1 }, b: { n: 1, m: 2 } },
    ],
  ];
  for (const [name, text, want] of READ) {
    it(`is read so that ${name}`, () => assert.deepEqual(readYaml('p.yaml', text).value, want));
  }

  const wide = (name: string, of: string): string => `&${name} [${Array.from({ length: 10 }, () => of).join(', ')}]`;
  const REFUSED: [name: string, text: string, rule: string, line: number, column: number, remedy: string][] = [
    ['a key that stands there twice', 'a: 1\na: 2\n', 'yaml-syntax', 2, 1, 'keep one of the two'],
    ['a key twice, once in quotes', '1: a\n"1": b\n', 'yaml-syntax', 2, 1, 'keep one of the two'],
    ['a key twice, between carriage returns', 'a: 1\rb: 2\ra: 2\r', 'yaml-syntax', 3, 1, 'keep one of the two'],
    ['a tab for indentation', 'a:\n\tb: 1\n', 'yaml-syntax', 2, 1, 'indent with spaces'],
    ['a second document', 'a: 1\n---\na: 2\n', 'yaml-syntax', 2, 1, 'keep one document: delete from the --- on'],
    ['a tag', 'a: 1\nb: !secret x\n', 'yaml-syntax', 2, 4, 'write the value without the tag'],
    ['bytes in base64', 'a: !!binary aGk=\n', 'yaml-syntax', 1, 4, 'write the value without the tag'],
    ['a list as a key', '? [a]\n: b\n', 'yaml-key', 1, 3, 'write a text'],
    ['an alias of nothing', 'a: 1\nb: *x\n', 'yaml-aliases', 2, 4, 'write the value out'],
    ['an alias of what it stands in', 'a: 1\nb: &x\n  c: [*x]\n', 'yaml-aliases', 3, 7, 'write the value out'],
    [
      'aliases that multiply',
      `a: ${wide('a', 'x')}\nb: ${wide('b', '*a')}\nc: ${wide('c', '*b')}\nd: ${wide('d', '*c')}\n`,
      'yaml-aliases',
      1,
      1,
      'write the values out',
    ],
    ['bytes that are not UTF-8', 'a: 1\nb: caf\ufffd\n', 'not-utf8', 2, 7, 'save the file as UTF-8'],
  ];
  for (const [name, text, rule, line, column, remedy] of REFUSED) {
    it(`is refused with ${name}`, () => {
      assert.throws(
        () => readYaml('pets/provider.yaml', text),
        (error: unknown) => {
          assert.ok(error instanceof SpecError);
          const { place } = error;
          assert.deepEqual(
            [error.rule, place.file, place.line, place.column, error.remedy],
            [rule, 'pets/provider.yaml', line, column, remedy],
          );
          return true;
        },
      );
    });
  }

  it('takes __proto__ for a key like any other', () => {
    const { value } = readYaml('p.yaml', '"__proto__": { polluted: 1 }\n');
    assert.deepEqual(Object.keys(value as object), ['__proto__']);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });
});
