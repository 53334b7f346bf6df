import assert from 'node:assert/strict';
import { endpointNames } from '../../../generator/emit/endpoint-names.js';
import { byCodePoint } from '../../../generator/emit/code-point-order.js';
import { endpointDescriptor } from '../../../generator/emit/provider-file.js';
import { providerOutput } from '../../../generator/emit/provider-output.js';
import { commentLine, literal } from '../../../generator/emit/source-text.js';
import { typesDocument } from '../../../generator/emit/types-document.js';
import { typesSource } from '../../../generator/emit/types-source.js';
import { catalogueEntries } from '../../../generator/index/catalogue-entries.js';
import { Findings } from '../../../generator/report/findings.js';
import { anOperation } from '../an-operation.js';
import { typeErrors } from './compiled.js';

describe('the types of a provider', () => {
  const priced = {
    ...anOperation({
      arguments: {
        type: 'object',
        properties: { n: { type: 'integer' } },
        required: ['n'],
        additionalProperties: false,
      },
      parameters: [{ argument: 'n', name: 'n', in: 'query', required: true, style: 'form', explode: true }],
    }),
    price: { model: 'free' } as const,
    charge: { on: ['2xx'] },
  };
  const emitted = {
    provider: {
      id: 'pets',
      title: 'Pets',
      summary: '',
      version: '1',
      categories: [],
      seller: { id: 'pets', name: 'Pets' },
      securitySchemes: {},
      credentials: {},
      limits: { timeoutMs: 1, maxResponseBytes: 1, concurrency: 1 },
    },
    definitions: {},
    operations: [priced],
    endpoints: [endpointDescriptor('pets', priced)],
    entries: catalogueEntries([endpointDescriptor('pets', priced)], {}),
    sources: [],
  };
  const place = (pointer: string) => ({ file: 'pets.yaml', pointer });
  const documentWith = (schema: unknown) => ({
    openapi: '3.1.0',
    paths: { '/pets': { get: { parameters: [{ name: 'n', in: 'query', required: true, schema }], responses: {} } } },
  });

  it('are made from the arguments alone where openapi-typescript fails, with a row in the losses', async () => {
    const findings = new Findings();
    const broken = documentWith({ type: 'array', prefixItems: 'none' });
    const { files } = await providerOutput(emitted, broken, true, place, findings);
    assert.deepEqual(
      findings.losses.map(({ endpoint, what }) => [endpoint, what]),
      [['pets', 'the types of all arguments and answers in types.ts and endpoints.ts']],
    );
    const endpoints = files.find(({ file }) => file.endsWith('endpoints.ts'))?.text ?? '';
    assert.match(endpoints, /\n {2}n: number;\n/);
    assert.match(endpoints, /ListPetsAnswer = unknown;/);
  });

  it('have unknown in the place of a reference that leads nowhere, with a row in the losses', async () => {
    const findings = new Findings();
    await providerOutput(emitted, documentWith({ $ref: '#/components/schemas/Gone' }), true, place, findings);
    assert.deepEqual(
      findings.losses.map(({ what, why }) => [what, why]),
      [['the type of "#/components/schemas/Gone" in types.ts', 'the reference leads nowhere']],
    );
  });

  const REFERENCES: [name: string, reference: string][] = [
    ['a file', '/etc/hostname'],
    ['the network', 'http://localhost:1/x.json#/a'],
    ['code', '#/x; export const injected = 1; type y/a'],
  ];
  for (const [name, reference] of REFERENCES) {
    it(`never follow a reference to ${name}`, () => {
      const types = typesDocument(documentWith({ $ref: reference }), [priced]);
      assert.deepEqual(types.unresolved, [reference]);
      assert.doesNotMatch(typesSource(types), /injected|hostname|localhost/);
    });
  }

  it('copy what a reference into the middle of something points at, and end at a cycle', () => {
    const document = {
      ...documentWith({ $ref: '#/paths/~1pets/get/x-shared' }),
      components: {},
    };
    Object.assign(document.paths['/pets'].get, {
      'x-shared': { type: 'object', properties: { self: { $ref: '#/paths/~1pets/get/x-shared' } } },
    });
    const source = typesSource(typesDocument(document, [priced]));
    assert.match(source, /n: \{\s+self\?: unknown;\s+\};/);
    assert.deepEqual(typeErrors({ 'types.ts': source }), []);
  }).timeout(60_000);
});

describe('the name of a constant', () => {
  const CASES: [operations: string[], want: string[]][] = [
    [['list-pets'], ['listPets']],
    [['repos.get-content'], ['reposGetContent']],
    [['get_v1_users'], ['getV1Users']],
    [['1forge'], ['_1forge']],
    [['delete'], ['delete_']],
    [['paths'], ['paths_']],
    [['await'], ['await_']],
    [
      ['a-b', 'a.b', 'a_b'],
      ['aB', 'aB_2', 'aB_3'],
    ],
    [['...'], ['_']],
  ];
  for (const [operations, want] of CASES) {
    it(`of ${operations.join(', ')} is ${want.join(', ')}`, () => assert.deepEqual(endpointNames(operations), want));
  }
});

describe('text in emitted sources', () => {
  const TEXTS = [
    '*/',
    '`${x}`',
    '"\'\\',
    '\u2028\u2029',
    '\u202eabc',
    '__proto__',
    'a\nb\r\n',
    '\ud800',
    '\ufeff',
    '😀',
  ];
  for (const text of TEXTS) {
    it(`reads back from a literal: ${literal(text)}`, () => {
      assert.equal(JSON.parse(literal(text)), text);
      assert.doesNotMatch(literal(text), /[\n\r\u2028-\u202e\ufeff]/);
    });
    it(`stays a comment: ${literal(text)}`, () => {
      assert.doesNotMatch(commentLine(`${text}${text}`), /\*\/|[\n\r\u2028-\u202e\ufeff]/);
    });
  }

  it('cannot add a tag to a comment', () => assert.equal(commentLine('@deprecated'), '\\@deprecated'));
});

describe('the order of what is written', () => {
  it('is by code point, not by locale nor by UTF-16 unit', () => {
    const names = ['b', 'a', 'B', 'é', '\u{1f600}', '\uffee', 'a-b', 'a/b', 'aa', ''];
    assert.deepEqual(names.sort(byCodePoint), ['', 'B', 'a', 'a-b', 'a/b', 'aa', 'b', 'é', '\uffee', '\u{1f600}']);
  });
});
