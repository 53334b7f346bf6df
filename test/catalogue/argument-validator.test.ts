import assert from 'node:assert/strict';

import fc from 'fast-check';
import { RE2JS } from 're2js';

import type { JsonSchema } from '../../generated/contract.js';
import { ArgumentValidator } from '../../runtime/catalogue/argument-validator.js';
import { endpointWith } from './a-catalogue.js';

type Json = Record<string, unknown>;

/** What is wrong with this value of an argument `a`. */
function problemsOf(schema: JsonSchema, value: unknown, definitions: Readonly<Record<string, JsonSchema>> = {}) {
  const args = { type: 'object', properties: { a: schema }, additionalProperties: false };
  return new ArgumentValidator().problems(endpointWith(args, definitions), { a: value });
}

describe('the argument validator', () => {
  const GOOD: readonly (readonly [name: string, schema: JsonSchema, value: unknown])[] = [
    ['a text', { type: 'string' }, 'x'],
    ['whatever, where the schema says so', true, { deep: [1] }],
    ['a value of an enumeration', { enum: ['x', 1, null] }, null],
    ['a pattern that finds', { type: 'string', pattern: 'b+' }, 'abc'],
    ["ECMAScript's escapes in a pattern", { type: 'string', pattern: '^\\u0041\\/\\d$' }, 'A/1'],
    ['letters beyond ASCII in a pattern', { type: 'string', pattern: '^\\p{L}+$' }, 'Zürich'],
    ['a date', { type: 'string', format: 'date' }, '2026-01-31'],
    ['a URL', { type: 'string', format: 'url' }, 'https://x.example/a?b'],
    ['a format that nobody knows', { type: 'string', format: 'colour' }, 'red'],
    ['different items', { type: 'array', uniqueItems: true }, [{ a: 1 }, { a: 2 }, 1, '1']],
    ['the same item twice where it may be', { type: 'array', uniqueItems: false }, [1, 1]],
  ];
  for (const [name, schema, value] of GOOD) {
    it(`admits ${name}`, () => {
      assert.deepEqual(problemsOf(schema, value), []);
    });
  }

  const BAD: readonly (readonly [
    name: string,
    schema: JsonSchema,
    value: unknown,
    pointer: string,
    message: string,
  ])[] = [
    ['another type', { type: 'integer' }, '7', '/a', 'must be integer, but is "7"'],
    ['a number out of bounds', { type: 'number', maximum: 90 }, 91, '/a', 'must be <= 90, but is 91'],
    ['no value of the enumeration', { enum: ['x', 1] }, 'y', '/a', 'must be one of "x", 1, but is "y"'],
    ['not the one value', { const: 'x' }, 'y', '/a', 'must be "x", but is "y"'],
    [
      'a wrong date',
      { type: 'string', format: 'date' },
      '2026-02-30',
      '/a',
      'must match format "date", but is "2026-02-30"',
    ],
    ['a wrong URL', { type: 'string', format: 'url' }, 'x', '/a', 'must match format "url", but is "x"'],
    [
      'a pattern that does not find',
      { type: 'string', pattern: '^b' },
      'ab',
      '/a',
      'must match pattern "^b", but is "ab"',
    ],
    [
      'a wrong item deep down',
      { items: { items: { type: 'null' } } },
      [[null], [null, 1]],
      '/a/1/1',
      'must be null, but is 1',
    ],
    ['the same item twice', { uniqueItems: true }, [{ x: 1 }, { x: 1 }], '/a', 'must not hold the same item twice'],
    ['what nothing satisfies', false, 1, '/a', 'boolean schema is false'],
    ['a property that is missing, its name escaped', { required: ['x/y~z'] }, {}, '/a/x~1y~0z', 'is missing'],
    [
      'a property too many',
      { properties: { x: true }, additionalProperties: false },
      { x: 1, y: 2 },
      '/a/y',
      'is no argument of this endpoint',
    ],
    [
      'a property that nothing evaluates',
      { properties: { x: true }, unevaluatedProperties: false },
      { y: 2 },
      '/a/y',
      'is no argument of this endpoint',
    ],
  ];
  for (const [name, schema, value, pointer, message] of BAD) {
    it(`refuses ${name}, and says where and what`, () => {
      assert.deepEqual(problemsOf(schema, value), [{ pointer, message }]);
    });
  }

  it('refuses an argument that the endpoint does not have, __proto__ too', () => {
    const validator = new ArgumentValidator();
    const endpoint = endpointWith({ type: 'object', properties: {}, additionalProperties: false });
    for (const name of ['other', '__proto__', 'constructor']) {
      const args: unknown = JSON.parse(`{"${name}":1}`);
      assert.deepEqual(validator.problems(endpoint, args), [
        { pointer: `/${name}`, message: 'is no argument of this endpoint' },
      ]);
    }
  });

  const SHOWN: readonly (readonly [name: string, schema: JsonSchema, value: unknown, message: string])[] = [
    [
      'a long text by its beginning',
      { maxLength: 9 },
      'x'.repeat(61),
      `must NOT have more than 9 characters, but is "${'x'.repeat(60)}…"`,
    ],
    [
      'control characters escaped',
      { type: 'integer' },
      '\u0007\u009b\u202e\u2028',
      'must be integer, but is "\\u0007\\u009b\\u202e\\u2028"',
    ],
    [
      'half a character not at all',
      { type: 'integer' },
      `${'x'.repeat(59)}😀`,
      `must be integer, but is "${'x'.repeat(59)}\uFFFD…"`,
    ],
    ['nothing', { type: 'string' }, null, 'must be string, but is null'],
    ['an object by its kind', { type: 'string' }, { password: 'canary' }, 'must be string, but is an object'],
    ['an array by its kind', { enum: [1] }, ['canary'], 'must be one of 1, but is an array'],
    [
      'a text in the place of an object by its kind',
      { type: 'object' },
      'password=canary',
      'must be object, but is a text',
    ],
    [
      'JSON in a text by its kind',
      { maxLength: 1 },
      '{"password":"canary"}',
      'must NOT have more than 1 characters, but is a text',
    ],
  ];
  for (const [name, schema, value, message] of SHOWN) {
    it(`shows ${name}`, () => {
      assert.deepEqual(problemsOf(schema, value), [{ pointer: '/a', message }]);
    });
  }

  it('shows no value that its schema says is a secret', () => {
    for (const schema of [
      { type: 'string', maxLength: 2, format: 'password' },
      { type: 'string', maxLength: 2, writeOnly: true },
    ]) {
      assert.deepEqual(problemsOf(schema, 'canary'), [
        { pointer: '/a', message: 'must NOT have more than 2 characters' },
      ]);
    }
  });

  it('shows no value whose name, or the name of what it is in, says that it is a secret', () => {
    const secret = [
      'password',
      'apiKey',
      'access_token',
      'clientSecret',
      'Authorization',
      'x-auth',
      'signature',
      'pin',
      'card_pin',
      'userPin',
      'cvvCode',
      'pwd',
      'user_pass',
      'privateKeyPem',
      'session_cookie',
      'sessionId',
    ];
    const open = ['author', 'city', 'monkeys', 'spinning', 'passengers', 'compass', 'shipping'];
    const properties = Object.fromEntries([...secret, ...open].map((name) => [name, { items: { type: 'integer' } }]));
    const args = Object.fromEntries([...secret, ...open].map((name) => [name, ['canary']]));
    for (const { pointer, message } of problemsOf({ properties }, args)) {
      const isOpen = open.some((name) => pointer.includes(`/${name}/`));
      assert.equal(message, isOpen ? 'must be integer, but is "canary"' : 'must be integer', pointer);
    }
    const limit = { properties: { max_tokens: { maximum: 10 } } };
    assert.equal(problemsOf(limit, { max_tokens: 11 })[0]!.message, 'must be <= 10, but is 11');
  });

  it('names all that is wrong, up to 20', () => {
    assert.deepEqual(
      problemsOf({ items: { type: 'string' } }, ['x', 1, 2]).map((problem) => problem.pointer),
      ['/a/1', '/a/2'],
    );
    assert.equal(problemsOf({ items: { type: 'string' } }, Array(100).fill(1)).length, 20);
  });

  it('stops at the first problem of a very large value', () => {
    assert.deepEqual(problemsOf({ items: { type: 'string' } }, Array(200_000).fill(1)), [
      { pointer: '/a/0', message: 'must be string, but is 1' },
    ]);
  });

  it('follows references into the definitions of the provider, cycles too', () => {
    const definitions = {
      Tree: { type: 'object', properties: { left: { $ref: '#/$defs/Tree' } }, additionalProperties: false },
    };
    assert.deepEqual(problemsOf({ $ref: '#/$defs/Tree' }, { left: { left: {} } }, definitions), []);
    assert.deepEqual(problemsOf({ $ref: '#/$defs/Tree' }, { left: { right: {} } }, definitions), [
      { pointer: '/a/left/right', message: 'is no argument of this endpoint' },
    ]);
  });

  it('keeps the patterns of one schema apart', () => {
    const schema = { properties: { x: { pattern: '^x$' }, y: { pattern: '^y$' } } };
    assert.deepEqual(problemsOf(schema, { x: 'x', y: 'y' }), []);
    assert.deepEqual(problemsOf(schema, { x: 'x', y: 'x' }), [
      { pointer: '/a/y', message: 'must match pattern "^y$", but is "x"' },
    ]);
  });

  it('keeps what two endpoints have compiled apart', () => {
    const validator = new ArgumentValidator();
    const one = endpointWith({ type: 'object', properties: { a: { $ref: '#/$defs/X' } } }, { X: { type: 'string' } });
    const two = endpointWith({ type: 'object', properties: { a: { $ref: '#/$defs/X' } } }, { X: { type: 'number' } });
    assert.deepEqual(validator.problems(one, { a: 'x' }), []);
    assert.deepEqual(validator.problems(two, { a: 'x' }), [{ pointer: '/a', message: 'must be number, but is "x"' }]);
    assert.deepEqual(validator.problems(one, { a: 'x' }), []);
  });

  describe('takes linear time', () => {
    it('because an engine that cannot go back matches its patterns: it has no back-references and no look-around', () => {
      for (const pattern of ['^(a)\\1$', '^(?=a)', '(?<!a)b']) {
        assert.throws(() => problemsOf({ type: 'string', pattern }, 'aa'), /error parsing regexp/);
      }
    });

    it('also where a pattern is of a fixed length, which ECMAScript’s own engine matches as that one does', () => {
      const part = fc.constantFrom('a', 'Z', '_', '-', '0', '[a-f]', '[0-9a-f]', '[A-Z_-]', '[-a]', '[a-f-9]');
      const count = fc.constantFrom('', '', '{0}', '{1}', '{2}', '{03}');
      const parts = fc.array(
        fc.tuple(part, count).map(([one, times]) => one + times),
        { minLength: 1, maxLength: 4 },
      );
      const text = fc.string({
        unit: fc.constantFrom('a', 'b', 'f', 'Z', '_', '-', '0', '9', '\n', 'ſ', '😀'),
        maxLength: 6,
      });
      const pairs = fc.tuple(parts, fc.array(text, { minLength: 30, maxLength: 30 }));
      let found = 0;
      fc.assert(
        fc.property(pairs, ([members, texts]) => {
          const pattern = `^${members.join('')}$`;
          const linear = RE2JS.compile(RE2JS.translateRegExp(pattern));
          const fits = texts.filter((value) => linear.matcher(value).find());
          const endpoint = endpointWith({ properties: { a: { pattern } } });
          const validator = new ArgumentValidator();
          const admitted = texts.filter((value) => validator.problems(endpoint, { a: value }).length === 0);
          assert.deepEqual(admitted, fits, pattern);
          found += fits.length;
        }),
      );
      assert.ok(found > 0);
    });

    // Each of these would run for hours or years in an engine that backtracks, or with a comparison of each with each.
    const HOSTILE: readonly (readonly [name: string, schema: JsonSchema, value: unknown, problems: number])[] = [
      ['nested repetitions', { type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(100_000)}!`, 1],
      ['overlapping alternatives', { type: 'string', pattern: '^(a|a)*$' }, `${'a'.repeat(100_000)}!`, 1],
      ['a URL of brackets', { type: 'string', format: 'url' }, `http://${'[:'.repeat(400_000)}`, 1],
      ['300,000 items that must differ', { uniqueItems: true }, Array.from({ length: 300_000 }, (_, i) => i), 0],
    ];
    for (const [name, schema, value, problems] of HOSTILE) {
      it(`for ${name}`, () => {
        assert.equal(problemsOf(schema, value).length, problems);
      });
    }
  });

  describe('stops where much work for each character adds up', () => {
    const pattern = '^(([a-z]+)*[0-9]?){1,100}$';
    const choices = ['x', 'y'].map((required) => ({
      properties: { n: { $ref: '#/$defs/Node' } },
      required: [required],
    }));
    const deep = Array.from({ length: 40 }).reduce<Json>((inner) => ({ n: inner }), {});
    const definitions = { Node: { anyOf: choices } };
    const TOO_MUCH: readonly (readonly [name: string, schema: JsonSchema, value: unknown])[] = [
      ['a pattern of a thousand states and a long text', { pattern }, 'ab'.repeat(50_000)],
      [
        'such a pattern and a thousand texts',
        { items: { pattern } },
        Array.from({ length: 1_000 }, () => 'ab'.repeat(100)),
      ],
      ['alternatives that refer to themselves, forty levels deep', { $ref: '#/$defs/Node' }, deep],
    ];
    for (const [name, schema, value] of TOO_MUCH) {
      it(`as with ${name}`, () => {
        assert.deepEqual(problemsOf(schema, value, definitions), [
          { pointer: '', message: 'takes too much work to check: send less, or nest it less' },
        ]);
      });
    }

    it('and starts each check anew', () => {
      const validator = new ArgumentValidator();
      const endpoint = endpointWith({ properties: { a: { $ref: '#/$defs/Node' } } }, definitions);
      assert.equal(validator.problems(endpoint, { a: deep }).length, 1);
      assert.deepEqual(validator.problems(endpoint, { a: { n: { x: 1 }, x: 1 } }), []);
    });

    it('and has room for a megabyte of plain values', () => {
      const schema = { items: { $ref: '#/$defs/Row' } };
      const rows = Array.from({ length: 100_000 }, () => ({}));
      assert.deepEqual(problemsOf(schema, rows, { Row: { type: 'object' } }), []);
      assert.deepEqual(problemsOf({ pattern: '^[a-z0-9._-]+$' }, 'a'.repeat(900_000)), []);
    });
  });
});
