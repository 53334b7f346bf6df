import assert from 'node:assert/strict';
import { compareProviders } from '../../../generator/change/compare-providers.js';
import type { EndpointDescriptor, JsonSchema, ProviderDescriptor, ProviderFile } from '../../../generator/contract.js';

const PROVIDER: ProviderDescriptor = {
  id: 'pets',
  title: 'Pets',
  summary: 'A shop of pets.',
  version: '1',
  categories: ['animals'],
  seller: { id: 'ann', name: 'Ann' },
  securitySchemes: {
    key: { type: 'apiKey', in: 'header', name: 'X-Key' },
    token: { type: 'http', scheme: 'bearer' },
  },
  credentials: {},
  limits: { timeoutMs: 15_000, maxResponseBytes: 1_000_000, concurrency: 8 },
};

const argumentsOf = (properties: Readonly<Record<string, JsonSchema>>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const LIST: EndpointDescriptor = {
  id: 'pets/list',
  method: 'GET',
  path: '/pets',
  title: 'List',
  summary: 'Lists pets.',
  description: 'Lists pets.',
  tags: [],
  server: 'https://pets.example',
  arguments: argumentsOf({ page: { type: 'integer' } }),
  parameters: [{ argument: 'page', name: 'page', in: 'query', required: false, style: 'form', explode: true }],
  responses: [
    {
      status: '200',
      description: 'Pets',
      contentType: 'application/json',
      schema: { type: 'array', items: { $ref: '#/$defs/Pet' } },
    },
    { status: '404', description: 'None' },
  ],
  security: [{ key: [] }],
  price: { model: 'per_call', amount: '0.001' },
  charge: { on: ['2xx'] },
  example: {},
};
const PET = { type: 'object', properties: { id: { type: 'string' } } };

interface Change {
  readonly provider?: Partial<ProviderDescriptor>;
  readonly list?: Partial<EndpointDescriptor>;
  readonly pet?: JsonSchema;
}

const file = ({ provider = {}, list = {}, pet = PET }: Change = {}): ProviderFile => ({
  format: 1,
  provider: { ...PROVIDER, ...provider },
  definitions: { Pet: pet },
  endpoints: [
    { ...LIST, ...list },
    { ...LIST, id: 'pets/count', responses: [] },
  ],
});

const ROWS: readonly [name: string, change: Change, want: readonly string[]][] = [
  ['nothing', {}, []],
  [
    'another id, as one endpoint gone and one new',
    { list: { id: 'pets/list-all' } },
    ['breaking endpoint-removed pets/list', 'safe endpoint-added pets/list-all'],
  ],
  ['the method', { list: { method: 'POST' } }, ['breaking method-changed pets/list']],
  ['the path', { list: { path: '/v2/pets' } }, ['breaking path-changed pets/list']],
  ['the server', { list: { server: 'https://evil.example' } }, ['breaking server-changed pets/list']],
  [
    'an argument that is gone',
    { list: { arguments: argumentsOf({}), parameters: [] } },
    ['breaking argument-removed pets/list/arguments/page'],
  ],
  [
    'an argument that is required now',
    {
      list: {
        arguments: argumentsOf({ page: { type: 'integer' } }, ['page']),
        parameters: [{ ...LIST.parameters[0]!, required: true }],
      },
    },
    ['breaking argument-required pets/list/arguments/page'],
  ],
  [
    'the way in which an argument is sent',
    { list: { parameters: [{ ...LIST.parameters[0]!, in: 'header', style: 'simple' }] } },
    ['safe request-changed pets/list'],
  ],
  [
    'a field of the answer, through a definition, at the one endpoint that answers with it',
    { pet: { type: 'object', properties: {} } },
    ['breaking answer-field-removed pets/list/answers/200/-/id'],
  ],
  [
    'the content of an answer',
    { list: { responses: [{ ...LIST.responses[0]!, contentType: 'text/csv' }, LIST.responses[1]!] } },
    ['breaking content-type-changed pets/list/answers/200'],
  ],
  [
    'an answer for another',
    { list: { responses: [{ ...LIST.responses[0]!, status: '202' }, LIST.responses[1]!] } },
    ['breaking answer-removed pets/list/answers/200', 'breaking answer-added pets/list/answers/202'],
  ],
  [
    'failures that are told of',
    { list: { responses: [LIST.responses[0]!, { status: '429' }] } },
    ['safe answer-removed pets/list/answers/404', 'safe answer-added pets/list/answers/429'],
  ],
  [
    'an answer that says no more what it holds',
    { list: { responses: [{ ...LIST.responses[0]!, schema: undefined }, LIST.responses[1]!] } },
    ['breaking type-widened pets/list/answers/200'],
  ],
  ['the scheme of its credential', { list: { security: [{ token: [] }] } }, ['breaking credentials-changed pets/list']],
  [
    'one more way of signing in',
    { list: { security: [{ key: [] }, { token: [] }] } },
    ['safe credentials-changed pets/list'],
  ],
  ['no credential any more', { list: { security: [] } }, ['safe credentials-changed pets/list']],
  ['a scope more', { list: { security: [{ key: ['read'] }] } }, ['breaking credentials-changed pets/list']],
  [
    'what a scheme is, at all that use it',
    { provider: { securitySchemes: { key: { type: 'apiKey', in: 'query', name: 'key' } } } },
    ['breaking credentials-changed pets/list', 'breaking credentials-changed pets/count'],
  ],
  [
    'the price and when it is charged',
    { list: { price: { model: 'free' }, charge: { on: ['200'], voidIf: 'error' } } },
    ['priced price-lowered pets/list', 'priced charging-changed pets/list'],
  ],
  ['deprecation', { list: { deprecated: true } }, ['safe deprecated pets/list']],
  [
    'words, in one row',
    {
      list: {
        title: 'All',
        description: 'All of them.',
        arguments: argumentsOf({ page: { type: 'integer', title: 'P' } }),
      },
    },
    ['safe text-changed pets/list'],
  ],
  ['who is paid', { provider: { seller: { id: 'bob', name: 'Bob' } } }, ['priced seller-changed pets']],
  [
    'the variables of its credentials',
    { provider: { credentials: { key: { env: 'PETS_KEY' } } } },
    ['breaking credentials-changed pets'],
  ],
  [
    'limits',
    { provider: { limits: { timeoutMs: 10_000, maxResponseBytes: 2_000_000, concurrency: 4 } } },
    ['breaking limits-changed pets', 'safe limits-changed pets', 'safe limits-changed pets'],
  ],
  [
    'limits that the gateway had a default for',
    { provider: { limits: { ...PROVIDER.limits, firstByteTimeoutMs: 1_000, ratePerSecond: 5 } } },
    ['breaking limits-changed pets', 'safe limits-changed pets'],
  ],
  [
    'how often a request is sent again',
    { provider: { limits: { ...PROVIDER.limits, retries: 0 } } },
    ['safe limits-changed pets'],
  ],
  [
    'how fast answers are read',
    { provider: { limits: { ...PROVIDER.limits, bytesPerSecond: 1_000_000 } } },
    ['safe limits-changed pets'],
  ],
  ['its listing', { provider: { title: 'Animals', categories: [] } }, ['safe text-changed pets']],
];

describe('a comparison of providers', () => {
  for (const [name, change, want] of ROWS) {
    it(`tells of ${name}`, () => {
      const rows = compareProviders(file(), file(change));
      assert.deepEqual(
        rows.map((row) => `${row.class} ${row.kind} ${row.endpoint}${row.place}`),
        want,
      );
    });
  }

  it('tells of each endpoint of a provider that came or is gone', () => {
    assert.deepEqual(compareProviders(file(), undefined)[0], {
      endpoint: 'pets/list',
      place: '',
      kind: 'endpoint-removed',
      class: 'breaking',
      message: 'GET /pets cannot be called any more',
    });
    assert.deepEqual(
      compareProviders(undefined, file()).map((row) => [row.endpoint, row.class]),
      [
        ['pets/list', 'safe'],
        ['pets/count', 'safe'],
      ],
    );
  });

  it('tells of an endpoint that differs in nothing that has a word', () => {
    const [first, ...rest] = Object.entries(LIST).reverse();
    const rows = compareProviders(file(), file({ list: Object.fromEntries([first!, ...rest]) }));
    assert.deepEqual(rows, []);
    const renamed: ProviderFile = {
      ...file({
        list: {
          responses: [
            { ...LIST.responses[0]!, schema: { type: 'array', items: { $ref: '#/$defs/P' } } },
            LIST.responses[1]!,
          ],
        },
      }),
      definitions: { P: PET },
    };
    assert.deepEqual(
      compareProviders(file(), renamed).map((row) => [row.class, row.message]),
      [['safe', 'written otherwise, to the same effect']],
    );
  });
});
