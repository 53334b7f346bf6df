import assert from 'node:assert/strict';
import type { JsonSchema } from '../../../generator/contract.js';
import { normalized, propertiesOf, withOperation, type Normalized } from './normalized.js';

const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });
const extending = (name: string, properties: object, more: object = {}): object => ({
  allOf: [ref(name), { type: 'object', properties, ...more }],
});
const PET = {
  type: 'object',
  required: ['kind'],
  properties: { kind: { type: 'string' } },
  discriminator: { propertyName: 'kind' },
};

/** A document of 3.0 with one operation, whose body and answer are of the schema. */
function withSchemas(schemas: object, body: object = ref('Pet')): Normalized {
  const content = { 'application/json': { schema: body } };
  const operation = { requestBody: { required: true, content }, responses: { 200: { description: 'ok', content } } };
  return normalized(withOperation(operation, { components: { schemas } }, '3.0.3'));
}

function bodyOf(document: Normalized): JsonSchema {
  return propertiesOf(document.only())['body']!;
}

/** One alternative of a choice, as it is read. */
const alternative = (name: string, kind: object): object => ({
  allOf: [{ $ref: `#/$defs/${name}` }],
  properties: { kind },
  required: ['kind'],
});
const others = (name: string, kinds: readonly string[]): object => ({
  allOf: [{ $ref: `#/$defs/${name}` }],
  properties: { kind: { not: { enum: kinds } } },
});

describe('subtypes behind a discriminator', () => {
  it('are listed where their base is asked for, each with its name, and the base for any other value', () => {
    const document = withSchemas({
      Pet: PET,
      Cat: extending('Pet', { claws: { type: 'integer' } }),
      Dog: extending('Pet', { bark: { type: 'string' } }, { required: ['bark'] }),
    });
    assert.deepEqual(bodyOf(document), { $ref: '#/$defs/Pet.subtypes' });
    assert.deepEqual(document.only().responses[0]?.schema, { $ref: '#/$defs/Pet.subtypes' });
    assert.deepEqual(document.definitions['Pet.subtypes'], {
      anyOf: [
        alternative('Cat', { const: 'Cat' }),
        alternative('Dog', { const: 'Dog' }),
        others('Pet', ['Cat', 'Dog']),
      ],
    });
    assert.deepEqual(document.definitions['Dog'], {
      allOf: [
        { $ref: '#/$defs/Pet' },
        { type: 'object', properties: { bark: { type: 'string' } }, required: ['bark'] },
      ],
    });
    assert.deepEqual(document.only().example, { body: { kind: 'Cat' } });
    assert.deepEqual(document.findings.losses, []);
  });

  it('have the values of the mapping, else their own, else those of x-ms-discriminator-value', () => {
    const document = withSchemas({
      Pet: {
        ...PET,
        discriminator: {
          propertyName: 'kind',
          mapping: { c: '#/components/schemas/Cat', k: 'Cat', p: 'Pet', f: 'Fish' },
        },
      },
      Cat: extending('Pet', {}),
      Cow: extending('Pet', { kind: { type: 'string', enum: ['moo'] } }),
      Dog: { ...extending('Pet', {}), 'x-ms-discriminator-value': '#Acme.Dog' },
      Fish: { type: 'object', properties: { fins: { type: 'integer' } } },
    });
    assert.deepEqual(document.definitions['Pet.subtypes'], {
      anyOf: [
        alternative('Cat', { enum: ['c', 'k'] }),
        alternative('Cow', { const: 'moo' }),
        alternative('Dog', { const: '#Acme.Dog' }),
        alternative('Fish', { const: 'f' }),
        others('Pet', ['c', 'k', 'moo', '#Acme.Dog', 'f']),
      ],
    });
  });

  it('have no value where the property does not admit their name', () => {
    const kind = { type: 'string', enum: ['cat', 'Dog'] };
    const document = withSchemas({
      Pet: { ...PET, properties: { kind } },
      Cat: extending('Pet', { kind }),
      Dog: extending('Pet', {}),
    });
    assert.deepEqual(document.definitions['Pet.subtypes'], {
      anyOf: [{ $ref: '#/$defs/Cat' }, alternative('Dog', { const: 'Dog' }), others('Pet', ['Dog'])],
    });
  });

  it('stand alone where they take all values that the base admits', () => {
    const kind = { type: 'string', enum: ['Cat', 'Dog'] };
    const document = withSchemas({
      Pet: { ...PET, properties: { kind } },
      Cat: extending('Pet', {}),
      Dog: extending('Pet', {}),
    });
    assert.deepEqual(document.definitions['Pet.subtypes'], {
      anyOf: [alternative('Cat', { const: 'Cat' }), alternative('Dog', { const: 'Dog' })],
    });
  });

  it('are listed with their own subtypes, and a schema between them lists those alone', () => {
    const document = withSchemas(
      {
        Pet: PET,
        Dog: extending('Pet', {}),
        Puppy: extending('Dog', { friend: ref('Pet') }),
        Fish: extending('Pet', {}),
      },
      { type: 'object', properties: { any: ref('Pet'), dog: ref('Dog'), fish: ref('Fish') } },
    );
    assert.deepEqual(bodyOf(document), {
      type: 'object',
      properties: {
        any: { $ref: '#/$defs/Pet.subtypes' },
        dog: { $ref: '#/$defs/Dog.subtypes' },
        fish: { $ref: '#/$defs/Fish' },
      },
    });
    assert.deepEqual(document.definitions['Pet.subtypes'], {
      anyOf: [
        alternative('Dog', { const: 'Dog' }),
        alternative('Fish', { const: 'Fish' }),
        alternative('Puppy', { const: 'Puppy' }),
        others('Pet', ['Dog', 'Fish', 'Puppy']),
      ],
    });
    assert.deepEqual(document.definitions['Dog.subtypes'], {
      anyOf: [alternative('Puppy', { const: 'Puppy' }), others('Dog', ['Puppy'])],
    });
    assert.deepEqual(document.definitions['Puppy'], {
      allOf: [{ $ref: '#/$defs/Dog' }, { type: 'object', properties: { friend: { $ref: '#/$defs/Pet.subtypes' } } }],
    });
  });

  it('are meant by an allOf that only describes a reference, and not by one that extends it', () => {
    const document = withSchemas(
      { Pet: PET, Dog: extending('Pet', {}) },
      {
        type: 'object',
        properties: {
          described: { description: 'the pet', allOf: [ref('Pet')] },
          nullable: { nullable: true, allOf: [ref('Pet')] },
          extended: { allOf: [ref('Pet'), { properties: { age: { type: 'integer' } } }] },
        },
      },
    );
    assert.deepEqual((bodyOf(document) as { properties: object }).properties, {
      described: { description: 'the pet', allOf: [{ $ref: '#/$defs/Pet.subtypes' }] },
      nullable: { anyOf: [{ allOf: [{ $ref: '#/$defs/Pet.subtypes' }] }, { type: 'null' }] },
      extended: { allOf: [{ $ref: '#/$defs/Pet' }, { properties: { age: { type: 'integer' } } }] },
    });
  });

  it('are seen by either side without what is hidden from it, the discriminator too', () => {
    const document = withSchemas(
      {
        Owner: { type: 'object', properties: { pet: ref('Pet') } },
        Pet: { ...PET, properties: { kind: { type: 'string', readOnly: true } } },
        Dog: extending('Pet', { name: { type: 'string' } }),
      },
      ref('Owner'),
    );
    assert.deepEqual(bodyOf(document), { $ref: '#/$defs/Owner.request' });
    assert.deepEqual(document.definitions['Pet.subtypes.request'], {
      anyOf: [
        { allOf: [{ $ref: '#/$defs/Dog.request' }], properties: {} },
        { allOf: [{ $ref: '#/$defs/Pet.request' }], properties: {} },
      ],
    });
    assert.deepEqual(document.definitions['Pet.subtypes.response'], {
      anyOf: [
        alternative('Dog.response', { const: 'Dog', readOnly: true }),
        {
          allOf: [{ $ref: '#/$defs/Pet.response' }],
          properties: { kind: { not: { enum: ['Dog'] }, readOnly: true } },
        },
      ],
    });
  });

  it('are not read from a schema that lists its alternatives itself', () => {
    const document = withSchemas({
      Pet: { oneOf: [ref('Dog')], discriminator: { propertyName: 'kind' } },
      Dog: { type: 'object', properties: { kind: { type: 'string' } } },
      Puppy: extending('Pet', {}),
    });
    assert.deepEqual(bodyOf(document), { $ref: '#/$defs/Pet' });
  });

  it('do not close a circle where one extends its base by another name', () => {
    const document = withSchemas({
      Pet: PET,
      Animal: ref('Pet'),
      Dog: extending('Animal', { bark: { type: 'string' } }),
    });
    const { anyOf } = document.definitions['Pet.subtypes'] as { anyOf: unknown[] };
    assert.deepEqual(anyOf[0], alternative('Dog', { const: 'Dog' }));
    assert.deepEqual(document.definitions['Dog'], {
      allOf: [{ allOf: [{ $ref: '#/$defs/Pet' }] }, { type: 'object', properties: { bark: { type: 'string' } } }],
    });
  });

  it('are read in Swagger 2.0, where the discriminator is the name of the property', () => {
    const document = normalized({
      swagger: '2.0',
      info: { title: 'Acme', version: '1' },
      host: 'api.acme.test',
      paths: {
        '/pets': {
          post: { parameters: [{ name: 'pet', in: 'body', schema: { $ref: '#/definitions/Pet' } }], responses: {} },
        },
      },
      definitions: {
        Pet: { ...PET, discriminator: 'kind' },
        Dog: { allOf: [{ $ref: '#/definitions/Pet' }, { properties: { bark: { type: 'string' } } }] },
      },
    });
    assert.deepEqual(bodyOf(document), { $ref: '#/$defs/Pet.subtypes' });
    assert.deepEqual(document.definitions['Pet.subtypes'], {
      anyOf: [alternative('Dog', { const: 'Dog' }), others('Pet', ['Dog'])],
    });
  });

  const many = Object.fromEntries(
    Array.from({ length: 65 }, (_, index) => [`Pet${index}`, extending('Pet', { age: { type: 'integer' } })]),
  );
  const long = extending('Pet', { note: { type: 'string', description: 'x'.repeat(60_000) } });
  for (const [how, subtypes, what, why] of [
    ['many', many, '65 subtypes of Pet', 'no more than 64 subtypes of one schema are listed'],
    ['large', { Dog: long }, '1 subtype of Pet', 'all that they lead to is longer than 60000 characters of JSON'],
  ] as const) {
    it(`are a loss where they are too ${how}, told once`, () => {
      const both = { type: 'object', properties: { a: ref('Pet'), b: ref('Pet') } };
      const document = withSchemas({ Pet: PET, ...subtypes }, both);
      assert.deepEqual(bodyOf(document), {
        type: 'object',
        properties: { a: { $ref: '#/$defs/Pet' }, b: { $ref: '#/$defs/Pet' } },
      });
      assert.deepEqual(document.findings.losses, [
        {
          endpoint: 'acme/post-things',
          file: 'acme.yaml',
          pointer: '/components/schemas/Pet',
          rule: 'unlisted-subtypes',
          what,
          why,
          remedy: 'list those that callers need under oneOf, in an overlay',
        },
      ]);
    });
  }
});
