import assert from 'node:assert/strict';
import { normalized, propertiesOf, requestSchema, withOperation } from './normalized.js';

describe('the schema reader', () => {
  describe('of OpenAPI 3.0', () => {
    const cases: [name: string, given: object, want: object][] = [
      ['turns nullable into a type', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
      [
        'lets a nullable enum be null',
        { type: 'string', nullable: true, enum: ['a'] },
        { type: ['string', 'null'], enum: ['a', null] },
      ],
      [
        'lets a nullable combination be null',
        { nullable: true, allOf: [{ type: 'string' }] },
        { anyOf: [{ allOf: [{ type: 'string' }] }, { type: 'null' }] },
      ],
      [
        'turns a boolean exclusiveMaximum into a number',
        { type: 'integer', maximum: 5, exclusiveMaximum: true },
        { type: 'integer', exclusiveMaximum: 5 },
      ],
      [
        'keeps a limit whose exclusiveMinimum is false',
        { type: 'integer', minimum: 5, exclusiveMinimum: false },
        { type: 'integer', minimum: 5 },
      ],
      ['turns example into examples', { type: 'string', example: 'x' }, { type: 'string', examples: ['x'] }],
      [
        'says what format byte means',
        { type: 'string', format: 'byte' },
        { type: 'string', contentEncoding: 'base64' },
      ],
      [
        'ignores what stands beside a reference',
        { $ref: '#/components/schemas/Name', description: 'ignored' },
        { $ref: '#/$defs/Name' },
      ],
    ];
    for (const [name, given, want] of cases) {
      it(name, () => assert.deepEqual(requestSchema(given, '3.0.3', { Name: { type: 'string' } }), want));
    }
  });

  describe('of OpenAPI 3.1', () => {
    const cases: [name: string, given: unknown, want: unknown][] = [
      ['keeps type arrays', { type: ['string', 'null'] }, { type: ['string', 'null'] }],
      ['keeps const', { const: 7 }, { const: 7 }],
      [
        'keeps what stands beside a reference',
        { $ref: '#/components/schemas/Name', maxLength: 3 },
        { $ref: '#/$defs/Name', maxLength: 3 },
      ],
      ['removes duplicates from enum', { enum: ['a', 'b', 'a'] }, { enum: ['a', 'b'] }],
      ['drops an empty enum', { type: 'string', enum: [] }, { type: 'string' }],
      [
        'writes enum values as the declared type',
        { type: 'integer', enum: ['1', '2'] },
        { type: 'integer', enum: [1, 2] },
      ],
      [
        'moves an enum of an array to its items',
        { type: 'array', items: { type: 'string' }, enum: ['a'] },
        { type: 'array', items: { type: 'string', enum: ['a'] } },
      ],
      ['reads names of types that do not exist', { type: 'datetime' }, { type: 'string', format: 'date-time' }],
      ['leaves a type open that cannot be told', { type: 'thing' }, {}],
      [
        'keeps items in a branch of a union',
        { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] },
        { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] },
      ],
      [
        'reads a list of items as prefixItems',
        { type: 'array', items: [{ type: 'string' }] },
        { type: 'array', prefixItems: [{ type: 'string' }] },
      ],
      [
        'removes the vocabulary of OpenAPI',
        { type: 'string', xml: { name: 'x' }, discriminator: { propertyName: 'k' }, externalDocs: {}, 'x-go': 1 },
        { type: 'string' },
      ],
      [
        'removes identifiers, which would move the base of references',
        { $id: 'https://acme.test/s', $schema: 'x', id: 'y', type: 'string' },
        { type: 'string' },
      ],
      [
        'keeps a pattern that every engine knows',
        { type: 'string', pattern: '^[a-z]+$' },
        { type: 'string', pattern: '^[a-z]+$' },
      ],
      ['drops a pattern that does not compile', { type: 'string', pattern: '[a-' }, { type: 'string' }],
      ['drops a pattern that takes more than linear time', { type: 'string', pattern: '(a)\\1' }, { type: 'string' }],
      [
        'removes escapes that the unicode flag forbids',
        { type: 'string', pattern: '^a\\@b\\-c$' },
        { type: 'string', pattern: '^a@b-c$' },
      ],
      ['takes the slashes of a literal off', { type: 'string', pattern: '/^a$/' }, { type: 'string', pattern: '^a$' }],
      ['reads numbers that are written as text', { type: 'string', maxLength: '5' }, { type: 'string', maxLength: 5 }],
      ['drops limits that are no numbers', { type: 'integer', minimum: 'low' }, { type: 'integer' }],
      ['drops a required that is no list', { type: 'object', required: true }, { type: 'object' }],
      ['keeps formats that nobody knows', { type: 'string', format: 'acme-id' }, { type: 'string', format: 'acme-id' }],
      ['puts nothing in place of a broken reference', { $ref: '#/components/schemas/Gone' }, {}],
      ['keeps boolean schemas', { properties: { a: true, b: false } }, { properties: { a: true, b: false } }],
      [
        'takes an object for the list that it should stand in',
        { allOf: { type: 'string' } },
        { allOf: [{ type: 'string' }] },
      ],
    ];
    for (const [name, given, want] of cases) {
      it(name, () => assert.deepEqual(requestSchema(given, '3.1.0', { Name: { type: 'string' } }), want));
    }

    it('keeps properties whose names are those of a prototype', () => {
      const properties = JSON.parse('{"__proto__": {"type": "string"}, "constructor": {"type": "integer"}}') as object;
      const schema = requestSchema({ type: 'object', properties, required: ['__proto__'] }) as { properties: object };
      assert.deepEqual(Object.keys(schema.properties), ['__proto__', 'constructor']);
      assert.equal(Object.getPrototypeOf(schema.properties), Object.prototype);
    });

    describe('reads what vendors mean where nothing satisfies what they write:', () => {
      const text = { type: 'string' };
      const closedBase = { properties: { a: text }, additionalProperties: false };
      const cases: [name: string, given: object, want: object, rule: string][] = [
        [
          'a closed object with more in its allOf is closed as a whole',
          { properties: { b: text }, additionalProperties: false, allOf: [{ properties: { a: text } }] },
          { properties: { b: text }, allOf: [{ properties: { a: text } }], unevaluatedProperties: false },
          'closed-composition',
        ],
        [
          'so is one whose allOf has a closed member',
          { allOf: [closedBase, { properties: { b: text } }] },
          { allOf: [{ properties: { a: text } }, { properties: { b: text } }], unevaluatedProperties: false },
          'closed-composition',
        ],
        [
          'a member that has a form for other properties lets the others have theirs',
          {
            allOf: [{ properties: { a: text }, additionalProperties: { type: 'object' } }, { properties: { b: text } }],
          },
          { allOf: [{ properties: { a: text } }, { properties: { b: text } }] },
          'closed-composition',
        ],
        [
          'alternatives that cannot be told apart are not exclusive',
          { oneOf: [{ properties: { a: text } }, { properties: { a: text, b: text } }], description: 'x' },
          { anyOf: [{ properties: { a: text } }, { properties: { a: text, b: text } }], description: 'x' },
          'ambiguous-choice',
        ],
        [
          'they stand beside other alternatives',
          { oneOf: [text, text], anyOf: [{ minLength: 1 }, { enum: [''] }] },
          { anyOf: [{ minLength: 1 }, { enum: [''] }], allOf: [{ anyOf: [text, text] }] },
          'ambiguous-choice',
        ],
        [
          'a closed object does not require what it does not allow',
          { properties: { a: text }, required: ['a', 'b'], additionalProperties: false },
          { properties: { a: text }, required: ['a'], additionalProperties: false },
          'invalid-schema',
        ],
        [
          'a UUID of another length is any text',
          { ...text, format: 'uuid', minLength: 64, maxLength: 64 },
          text,
          'invalid-schema',
        ],
        [
          'a pattern of addresses does not ask for a backslash',
          { ...text, format: 'email', pattern: '^[a-z]+@[a-z]+\\\\.[a-z]+$' },
          { ...text, format: 'email', pattern: '^[a-z]+@[a-z]+\\.[a-z]+$' },
          'invalid-schema',
        ],
      ];
      for (const [name, given, want, rule] of cases) {
        it(name, () => {
          const requestBody = { required: true, content: { 'application/json': { schema: given } } };
          const result = normalized(withOperation({ requestBody }));
          assert.deepEqual(propertiesOf(result.only())['body'], want);
          assert.deepEqual(
            result.findings.warnings.map((warning) => warning.rule),
            [rule],
          );
        });
      }

      const kept: [name: string, given: object][] = [
        ['a closed object that has all that its parts have', { allOf: [closedBase, { required: ['a'] }] }],
        ['alternatives that a required property tells apart', { oneOf: [{ required: ['a'] }, { required: ['b'] }] }],
        [
          'alternatives that the value of a property tells apart',
          {
            oneOf: [
              { properties: { kind: { enum: ['x'] }, size: { type: 'integer' } } },
              { properties: { kind: { enum: ['y'] }, size: { type: 'integer' } } },
            ],
          },
        ],
      ];
      for (const [name, given] of kept) it(`but keeps ${name}`, () => assert.deepEqual(requestSchema(given), given));

      it('and a shared schema that is closed stays so where it stands alone', () => {
        const schemas = {
          Base: { ...closedBase },
          More: { allOf: [{ $ref: '#/components/schemas/Base' }, { properties: { b: text } }] },
        };
        const content = (name: string) => ({
          'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
        });
        const operation = {
          requestBody: { content: content('More') },
          responses: { 200: { content: content('Base') } },
        };
        assert.deepEqual(normalized(withOperation(operation, { components: { schemas } })).definitions, {
          Base: closedBase,
          'Base.open': { properties: { a: text } },
          More: { allOf: [{ $ref: '#/$defs/Base.open' }, { properties: { b: text } }], unevaluatedProperties: false },
        });
      });
    });

    it('drops a pattern that is a literal with flags, for patterns have none', () => {
      const requestBody = { content: { 'application/json': { schema: { pattern: '/^3[A-Z]{3,}$/i' } } } };
      const { findings } = normalized(withOperation({ requestBody }));
      assert.deepEqual(
        findings.losses.map(({ rule, why }) => [rule, why]),
        [['unusable-pattern', '"/^3[A-Z]{3,}$/i": a literal with the flag i, which a pattern cannot have']],
      );
    });

    const lookAround: [given: string, want: string][] = [
      ['^(?!aws:)[a-z:]+$', '^[a-z:]+$'],
      ['(?<!a)b(?<=c)', 'b'],
      ['^(?=.*[)(](?:x|(y))\\))(?:a|b)c$', '^(?:a|b)c$'],
      ['^(?:(?!--)[^(?!)])*\\(?!$', '^(?:[^(?!)])*\\(?!$'],
    ];
    for (const [given, want] of lookAround) {
      it(`keeps ${given} without its look-around, and says so`, () => {
        const requestBody = { content: { 'application/json': { schema: { pattern: given } } } };
        const read = normalized(withOperation({ requestBody }));
        assert.deepEqual(propertiesOf(read.only())['body'], { pattern: want });
        assert.deepEqual(
          read.findings.losses.map(({ rule, why }) => [rule, why.endsWith('asserts by look-around is not checked')]),
          [['unusable-pattern', true]],
        );
      });
    }

    it('keeps a pattern that counts too far for its matcher, without that bound, and says so', () => {
      const given = '^s3://[a-z.{1,2000}]{2,63}/(.{1,1024}|\\{1,2000\\}){2000}$';
      const requestBody = { content: { 'application/json': { schema: { pattern: given } } } };
      const read = normalized(withOperation({ requestBody }));
      assert.deepEqual(propertiesOf(read.only())['body'], {
        pattern: '^s3://[a-z.{1,2000}]{2,63}/(.{1,}|\\{1,2000\\}){1000,}$',
      });
      assert.deepEqual(
        read.findings.losses.map(({ rule, what, why }) => [
          rule,
          what,
          why.endsWith('of more than 1000 are not counted'),
        ]),
        [['unusable-pattern', 'the schema keyword pattern', true]],
      );
    });

    it('drops such a pattern of the names of properties, for a wider one would bind others', () => {
      const schema = { patternProperties: { '^a{1,2000}$': { type: 'string' } } };
      const requestBody = { content: { 'application/json': { schema } } };
      const read = normalized(withOperation({ requestBody }));
      assert.deepEqual(propertiesOf(read.only())['body'], { patternProperties: {} });
      assert.deepEqual(
        read.findings.losses.map(({ rule }) => rule),
        ['unusable-pattern'],
      );
    });

    for (const [keyword, schema, want] of [
      ['enum', { enum: ['a', Infinity, 'b'] }, { enum: ['a', 'b'] }],
      ['const', { const: NaN }, {}],
    ] as const) {
      it(`reports a value of ${keyword} that JSON cannot carry`, () => {
        const requestBody = { content: { 'application/json': { schema } } };
        const read = normalized(withOperation({ requestBody }));
        assert.deepEqual(propertiesOf(read.only())['body'], want);
        assert.deepEqual(
          read.findings.losses.map(({ rule, what }) => [rule, what]),
          [['invalid-schema', `the schema keyword ${keyword}`]],
        );
      });
    }

    it('reports each keyword that it drops, with its place and a remedy', () => {
      const requestBody = { content: { 'application/json': { schema: { pattern: '(a)\\1' } } } };
      const { findings } = normalized(withOperation({ requestBody }));
      assert.deepEqual(findings.losses, [
        {
          endpoint: 'acme/post-things',
          file: 'acme.yaml',
          pointer: '/paths/~1things/post/requestBody/content/application~1json/schema/pattern',
          rule: 'unusable-pattern',
          what: 'the schema keyword pattern',
          why: '"(a)\\\\1": a linear-time engine cannot match it',
          remedy:
            'write the pattern without look-around, back-references and counts above 1000; the service checks too',
        },
      ]);
    });
  });

  describe('of shared schemas', () => {
    const both = (schemas: object, schema: object): object =>
      withOperation(
        {
          requestBody: { content: { 'application/json': { schema } } },
          responses: { 200: { description: '', content: { 'application/json': { schema } } } },
        },
        { components: { schemas } },
      );

    it('keeps a circle as references', () => {
      const Tree = {
        type: 'object',
        properties: { children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
      };
      const { definitions } = normalized(both({ Tree }, { $ref: '#/components/schemas/Tree' }));
      assert.deepEqual(definitions, {
        Tree: { type: 'object', properties: { children: { type: 'array', items: { $ref: '#/$defs/Tree' } } } },
      });
    });

    it('leaves open what references alone lead round in a circle, and says where', () => {
      const schemas = {
        A: { $ref: '#/components/schemas/B', description: 'says nothing' },
        B: { $ref: '#/components/schemas/A' },
      };
      const schema = { type: 'object', properties: { a: { $ref: '#/components/schemas/A' } } };
      const requestBody = { content: { 'application/json': { schema } } };
      const result = normalized(withOperation({ requestBody }, { components: { schemas } }));
      assert.deepEqual(propertiesOf(result.only())['body'], { type: 'object', properties: { a: {} } });
      assert.deepEqual(result.findings.losses, [
        {
          endpoint: 'acme/post-things',
          file: 'acme.yaml',
          pointer: '/paths/~1things/post/requestBody/content/application~1json/schema/properties/a',
          rule: 'circular-ref',
          what: 'a schema',
          why: '"#/components/schemas/A" leads by references alone back to itself, so that it allows anything',
          remedy: 'write the schema that is meant in place of one of these references',
        },
      ]);
    });

    it('keeps what stands beside the references of a circle, and tells of no loss', () => {
      const schemas = {
        A: { $ref: '#/components/schemas/B', maxLength: 9 },
        B: { $ref: '#/components/schemas/A', minLength: 2 },
      };
      const result = normalized(both({ ...schemas }, { $ref: '#/components/schemas/A' }));
      assert.deepEqual(result.definitions, { A: { maxLength: 9, allOf: [{ minLength: 2 }] } });
      assert.deepEqual(result.findings.losses, []);
    });

    it('gives a definition to a target outside of components', () => {
      const document = withOperation(
        { requestBody: { content: { 'application/json': { schema: { $ref: '#/x-models/Pet%20One' } } } } },
        { 'x-models': { 'Pet One': { type: 'string' } } },
      );
      const result = normalized(document);
      assert.deepEqual(propertiesOf(result.only())['body'], { $ref: '#/$defs/x-models.Pet_One' });
      assert.deepEqual(result.definitions, { 'x-models.Pet_One': { type: 'string' } });
    });

    it('resolves a reference by anchor', () => {
      const schemas = { Pet: { $anchor: 'pet', type: 'string' } };
      const { definitions } = normalized(both(schemas, { $ref: '#pet' }));
      assert.deepEqual(definitions, { Pet: { type: 'string' } });
    });

    it('hides readOnly from a request and writeOnly from a response, also where they are required', () => {
      const Account = {
        type: 'object',
        required: ['id', 'name', 'password'],
        properties: {
          id: { type: 'string', readOnly: true },
          name: { type: 'string' },
          password: { type: 'string', writeOnly: true },
        },
      };
      const Holder = { type: 'object', properties: { account: { $ref: '#/components/schemas/Account' } } };
      const { definitions } = normalized(both({ Account, Holder }, { $ref: '#/components/schemas/Holder' }));
      assert.deepEqual(definitions, {
        'Account.request': {
          type: 'object',
          required: ['name', 'password'],
          properties: { name: { type: 'string' }, password: { type: 'string', writeOnly: true } },
        },
        'Account.response': {
          type: 'object',
          required: ['id', 'name'],
          properties: { id: { type: 'string', readOnly: true }, name: { type: 'string' } },
        },
        'Holder.request': { type: 'object', properties: { account: { $ref: '#/$defs/Account.request' } } },
        'Holder.response': { type: 'object', properties: { account: { $ref: '#/$defs/Account.response' } } },
      });
    });

    it('does not require a readOnly property that a neighbour under allOf names', () => {
      const Base = { type: 'object', properties: { id: { type: 'string', readOnly: true }, name: { type: 'string' } } };
      const schema = { allOf: [{ $ref: '#/components/schemas/Base' }, { required: ['id', 'name'] }] };
      assert.deepEqual(requestSchema(schema, '3.1.0', { Base }), {
        allOf: [{ $ref: '#/$defs/Base.request' }, { required: ['name'] }],
      });
    });

    it('cuts a circle of allOf and keeps what each side says', () => {
      const schemas = {
        A: { allOf: [{ $ref: '#/components/schemas/B' }], required: ['a'] },
        B: { allOf: [{ $ref: '#/components/schemas/A' }], required: ['b'] },
      };
      const { definitions } = normalized(both(schemas, { $ref: '#/components/schemas/A' }));
      assert.deepEqual(definitions, { A: { allOf: [{ allOf: [{ required: ['b'] }] }], required: ['a'] } });
    });

    it('cuts the circle of a base that lists its own kinds', () => {
      const schemas = {
        Pet: { type: 'object', required: ['kind'], oneOf: [{ $ref: '#/components/schemas/Cat' }] },
        Cat: { allOf: [{ $ref: '#/components/schemas/Pet' }, { required: ['claws'] }] },
      };
      const { definitions } = normalized(both(schemas, { $ref: '#/components/schemas/Pet' }));
      assert.deepEqual(definitions, {
        Cat: { allOf: [{ allOf: [{ type: 'object', required: ['kind'] }] }, { required: ['claws'] }] },
        Pet: { type: 'object', required: ['kind'], oneOf: [{ $ref: '#/$defs/Cat' }] },
      });
    });

    it('cuts forty schemas that are each all of them, and ends', () => {
      const names = Array.from({ length: 40 }, (_, index) => `D${index}`);
      const all = names.map((name) => ({ $ref: `#/components/schemas/${name}` }));
      const schemas = Object.fromEntries(names.map((name) => [name, { allOf: all, required: [name] }]));
      const { definitions } = normalized(both(schemas, { $ref: '#/components/schemas/D0' }));
      assert.deepEqual(Object.keys(definitions), ['D0']);
      for (const name of names) assert.ok(JSON.stringify(definitions).includes(`"required":["${name}"]`));
    });

    it('drops a schema that is nothing but itself', () => {
      const schemas = { A: { $ref: '#/components/schemas/A' } };
      const { definitions, findings } = normalized(both(schemas, { $ref: '#/components/schemas/A' }));
      assert.deepEqual(definitions, {});
      assert.deepEqual(
        findings.losses.map(({ rule }) => rule),
        ['circular-ref', 'circular-ref'],
      );
    });

    it('names definitions without a clash, whatever their order', () => {
      const schemas = { 'Pet One': { type: 'string' }, Pet_One: { type: 'integer' }, 'Pet/One': { type: 'boolean' } };
      const schema = {
        properties: Object.fromEntries(
          Object.keys(schemas).map((name) => [name, { $ref: `#/components/schemas/${name.replaceAll('/', '~1')}` }]),
        ),
      };
      const names = Object.keys(normalized(both(schemas, schema)).definitions);
      const reversed = Object.fromEntries(Object.entries(schemas).reverse());
      assert.equal(names.length, 3);
      assert.ok(names.includes('Pet_One'));
      assert.ok(names.every((name) => /^[A-Za-z0-9._-]+$/.test(name)));
      assert.deepEqual(new Set(Object.keys(normalized(both(reversed, schema)).definitions)).size, 3);
    });
  });
});
