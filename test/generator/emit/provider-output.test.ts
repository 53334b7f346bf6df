import assert from 'node:assert/strict';
import { constantName } from '../../../generator/emit/constant-name.js';
import { endpointNames } from '../../../generator/emit/endpoint-names.js';
import { byCodePoint } from '../../../generator/emit/code-point-order.js';
import { endpointDescriptor } from '../../../generator/emit/provider-file.js';
import { MOST_TYPED_ENDPOINTS, providerOutput } from '../../../generator/emit/provider-output.js';
import { commentLine, literal } from '../../../generator/emit/source-text.js';
import { typeNames } from '../../../generator/emit/type-names.js';
import { catalogueEntries } from '../../../generator/index/catalogue-entries.js';
import { Findings } from '../../../generator/report/findings.js';
import { anOperation } from '../an-operation.js';

describe('the types of a provider', () => {
  const providerOf = (count: number) => {
    const operations = Array.from({ length: count }, (_, index) => ({
      ...anOperation({ operation: `list-${String(index)}` }),
      price: { model: 'free' } as const,
      charge: { on: ['2xx'] },
    }));
    const endpoints = operations.map((operation) => endpointDescriptor('pets', operation));
    return {
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
      endpoints,
      entries: catalogueEntries(endpoints, {}),
      sources: [],
    };
  };
  const place = (pointer: string) => ({ file: 'pets.yaml', pointer });

  it('are left out where there are too many, with a row in the losses', async () => {
    const findings = new Findings();
    const { files } = await providerOutput(providerOf(MOST_TYPED_ENDPOINTS + 1), true, place, findings);
    assert.deepEqual(
      findings.losses.map(({ endpoint, what, why }) => [endpoint, what, why]),
      [
        [
          'pets',
          'the types of all arguments and answers in types.ts and endpoints.ts',
          'its 2501 endpoints are more than a compiler takes the types of at once',
        ],
      ],
    );
    assert.deepEqual(
      files.map(({ file }) => file),
      ['providers/pets/descriptors.json', 'providers/pets/endpoints.ts'],
    );
    const endpoints = files[1]?.text ?? '';
    assert.match(endpoints, /\n {2}list2500: \{\n/);
    assert.match(endpoints, / as Endpoint,\n/);
    assert.doesNotMatch(endpoints, /types/);
  }).timeout(60_000);

  it('are there up to that number', async () => {
    const findings = new Findings();
    const { files } = await providerOutput(providerOf(2), true, place, findings);
    assert.deepEqual(findings.losses, []);
    assert.deepEqual(
      files.map(({ file }) => file),
      ['providers/pets/descriptors.json', 'providers/pets/endpoints.ts', 'providers/pets/types.ts'],
    );
  }).timeout(60_000);
});

describe('the name of a member', () => {
  const CASES: [operations: string[], want: string[]][] = [
    [['list-pets'], ['listPets']],
    [['repos.get-content'], ['reposGetContent']],
    [['get_v1_users'], ['getV1Users']],
    [['1forge'], ['_1forge']],
    [['delete'], ['delete']],
    [['__proto__'], ['proto']],
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

describe('the name of a constant', () => {
  const CASES: [provider: string, want: string][] = [
    ['open-meteo', 'openMeteo'],
    ['1forge.com', '_1forgeCom'],
    ['new', 'new_'],
    ['await', 'await_'],
    ['types', 'types_'],
    ['na-n', 'naN_'],
    ['---', '_'],
  ];
  for (const [provider, want] of CASES) {
    it(`of ${provider} is ${want}`, () => assert.equal(constantName(provider), want));
  }
});

describe('the name of a type', () => {
  it('is that of its operation or its definition, and no two are the same', () => {
    const names = typeNames(
      ['listPets', '_1x'],
      ['List-Pets_Answer', 'Pet', 'Pet.request', 'PetRequest', 'Record', '1'],
    );
    assert.deepEqual(names.operations, [
      { arguments: 'ListPetsArguments', answer: 'ListPetsAnswer' },
      { arguments: '_1xArguments', answer: '_1xAnswer' },
    ]);
    assert.deepEqual(Object.fromEntries(names.definitions), {
      'List-Pets_Answer': 'ListPetsAnswer_2',
      Pet: 'Pet',
      'Pet.request': 'PetRequest',
      PetRequest: 'PetRequest_2',
      Record: 'Record_2',
      '1': '_1',
    });
  });
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
