import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Catalogue, Manifest, ProviderFile } from '../../generator/contract.js';
import { writtenShares } from '../../generator/emit/catalogue-files.js';
import { generate, type GenerateOptions } from '../../generator/generate.js';
import { inFolder } from './a-folder.js';
import { HOSTILE, HOSTILE_TEXT, PETS, petsReferringTo } from './a-document.js';
import { exportsOf, typeErrors } from './emit/compiled.js';

const sha256 = (text: string | undefined): string =>
  createHash('sha256')
    .update(text ?? '')
    .digest('hex');

/** File → text, and the rest of the generation, for files under specs/. */
function generated(files: Readonly<Record<string, string | object>>, options: Partial<GenerateOptions> = {}) {
  return inFolder(files, async (specsDir) => {
    const generation = await generate({ specsDir, allowRemoteRefs: false, types: true, ...options });
    return { ...generation, text: Object.fromEntries(generation.files.map(({ file, text }) => [file, text])) };
  });
}

describe('a generation', () => {
  it('writes the contract, the catalogue, the manifest and three files a provider, and nothing else', async () => {
    const { text, refused } = await generated({ 'pets.json': PETS });
    assert.deepEqual(refused, []);
    assert.deepEqual(Object.keys(text), [
      'catalogue.json',
      'contract.ts',
      'manifest.json',
      'providers/pets/descriptors.json',
      'providers/pets/endpoints.ts',
      'providers/pets/types.ts',
    ]);
    assert.equal(text['contract.ts'], readFileSync('generator/contract.ts', 'utf8'));
  });

  it('leaves out the types where they are not wanted', async () => {
    const { text } = await generated({ 'pets.json': PETS }, { types: false });
    assert.deepEqual(
      Object.keys(text).filter((file) => file.startsWith('providers/')),
      ['providers/pets/descriptors.json'],
    );
  });

  it('writes an endpoint, a definition and a row of the catalogue a line', async () => {
    const { text } = await generated({ 'pets.json': PETS });
    const descriptors = text['providers/pets/descriptors.json'] ?? '';
    const { definitions, endpoints } = JSON.parse(descriptors) as ProviderFile;
    assert.deepEqual(
      endpoints.map((endpoint) => endpoint.id),
      ['pets/create-pet', 'pets/delete', 'pets/list-pets'],
    );
    for (const endpoint of endpoints)
      assert.ok(descriptors.split('\n').some((line) => line.startsWith(`{"id":"${endpoint.id}"`)));
    for (const name of Object.keys(definitions)) assert.ok(descriptors.includes(`\n"${name}":{`));
    assert.ok(descriptors.endsWith('}\n'));
    const rows = (text['catalogue.json'] ?? '').split('\n').filter((line) => line.startsWith('{"id":"pets/'));
    assert.equal(rows.length, 3);
  });

  it('keeps only the definitions that an endpoint refers to', async () => {
    const { text } = await generated({ 'pets.json': PETS });
    assert.equal(text['providers/pets/descriptors.json']?.includes('never'), false);
    assert.equal(text['providers/pets/types.ts']?.includes('never: string'), false);
  });

  it('carries settings, prices and listing into the descriptors', async () => {
    const { text, warnings } = await generated({
      'pets/openapi.json': PETS,
      'pets/provider.yaml':
        'title: Pet shop\ncategories: [animals]\nserver: https://shop.example/\nseller: { id: ann, name: Ann }\n' +
        'pricing: { rules: [{ match: { method: GET }, price: { model: free } }] }\n' +
        'charge: { on: [201], void_if: error }\nlimits: { timeoutMs: 5000 }\n' +
        'arguments: { fixed: { kind: cat } }\noperations: { exclude: [{ operationId: delete }] }\n',
      'pets/overlay.yaml':
        'overlay: 1.0.0\ninfo: { title: o, version: "1" }\nactions:\n' +
        '  - target: $.paths["/pets"].get\n    update: { x-tollgate: { title: All pets } }\n',
    });
    assert.deepEqual(warnings, []);
    const { provider, endpoints } = JSON.parse(text['providers/pets/descriptors.json'] ?? '') as ProviderFile;
    assert.deepEqual(provider, {
      id: 'pets',
      title: 'Pet shop',
      summary: 'A shop of pets.',
      version: '1.2',
      categories: ['animals'],
      seller: { id: 'ann', name: 'Ann' },
      securitySchemes: {},
      credentials: {},
      limits: { timeoutMs: 5000, maxResponseBytes: 10_000_000, concurrency: 32 },
    });
    assert.deepEqual(
      endpoints.map(({ id, title, server, price, charge }) => ({ id, title, server, price, charge })),
      [
        {
          id: 'pets/create-pet',
          title: 'Create a pet',
          server: 'https://shop.example',
          price: { model: 'per_call', amount: '0.001' },
          charge: { on: ['201'], voidIf: 'error' },
        },
        {
          id: 'pets/list-pets',
          title: 'All pets',
          server: 'https://shop.example',
          price: { model: 'free' },
          charge: { on: ['201'], voidIf: 'error' },
        },
      ],
    );
    const list = endpoints[1];
    assert.deepEqual(list?.parameters.find((binding) => binding.name === 'kind')?.fixed, 'cat');
    assert.equal(JSON.stringify(list?.arguments).includes('kind'), false);
    assert.equal('kind' in (list?.example ?? {}), false);
  });

  it('says in the manifest what was made from what, by SHA-256', async () => {
    const specs = { 'pets/openapi.json': JSON.stringify(PETS), 'pets/provider.yaml': 'title: Pets\n' };
    const { text } = await generated(specs);
    const manifest = JSON.parse(text['manifest.json'] ?? '') as Manifest;
    assert.equal(manifest.catalogue, sha256(text['catalogue.json']));
    assert.deepEqual(manifest.providers, [
      {
        id: 'pets',
        endpoints: 3,
        sources: [
          { file: 'pets/openapi.json', sha256: sha256(specs['pets/openapi.json']) },
          { file: 'pets/provider.yaml', sha256: sha256(specs['pets/provider.yaml']) },
        ],
        files: ['descriptors.json', 'endpoints.ts', 'types.ts'].map((name) => ({
          file: `providers/pets/${name}`,
          sha256: sha256(text[`providers/pets/${name}`]),
        })),
      },
    ]);
    assert.equal(
      manifest.catalogueDigest,
      sha256(
        `${manifest.catalogue}\nproviders/pets/descriptors.json ${sha256(text['providers/pets/descriptors.json'])}\n`,
      ),
    );
  });

  it('is the same bytes again, in another folder and with the files made in another order', async () => {
    const specs = { 'b.json': PETS, 'a/openapi.json': HOSTILE, 'a/provider.yaml': 'title: A\n', 'c.json': PETS };
    const first = await generated(specs);
    const second = await generated(Object.fromEntries(Object.entries(specs).reverse()));
    assert.deepEqual(second.text, first.text);
    assert.deepEqual(
      (JSON.parse(first.text['catalogue.json'] ?? '') as Catalogue).providers.map((provider) => provider.id),
      ['a', 'b', 'c'],
    );
  });

  it('is the same bytes whatever order the providers are done in', async () => {
    const specs = { 'b.json': PETS, 'a.json': PETS };
    const { generateProvider } = await import('../../generator/generate.js');
    const backwards: GenerateOptions['runAll'] = async (sources, options, onResult) => {
      for (const [index, source] of [...sources.entries()].reverse()) {
        onResult(index, await generateProvider(source, options));
      }
    };
    assert.deepEqual((await generated(specs, { runAll: backwards })).text, (await generated(specs)).text);
  });

  it('with only one provider is the same bytes as with all', async () => {
    const specs = { 'a.json': PETS, 'b.json': HOSTILE, 'c.json': PETS };
    const { text } = await generated(specs);
    const manifest = JSON.parse(text['manifest.json'] ?? '') as Manifest;
    const earlier = writtenShares(text['catalogue.json'] ?? '', manifest);
    const again = await generated(specs, { only: ['b'], earlier });
    assert.deepEqual(
      again.kept.map((file) => file.split('/').slice(1).join(' ')),
      ['a descriptors.json', 'a endpoints.ts', 'a types.ts', 'c descriptors.json', 'c endpoints.ts', 'c types.ts'],
    );
    assert.equal(again.text['catalogue.json'], text['catalogue.json']);
    assert.equal(again.text['manifest.json'], text['manifest.json']);
    assert.equal('providers/a/types.ts' in again.text, false);
  });

  it('warns of files with nearly the names of settings, which nothing reads, but of none that a document refers to', async () => {
    const { warnings } = await generated({
      'a/openapi.json': PETS,
      'a/provider.json': '{"pricing": {"default": {"model": "free"}}}',
      'a/Overlay.yaml': '',
      'b/openapi.json': petsReferringTo('provider.json'),
      'b/provider.json': '{"type": "object"}',
      'b/provider.yaml': '',
    });
    assert.deepEqual(
      warnings.filter(({ rule }) => rule === 'misnamed-file').map(({ file, remedy }) => [file, remedy]),
      [
        ['a/Overlay.yaml', 'rename it to overlay.yaml, or remove it'],
        ['a/provider.json', 'rename it to provider.yaml, or remove it'],
      ],
    );
  });

  it('refuses one provider and carries on with the others', async () => {
    const result = await generated({
      'bad/openapi.json': PETS,
      'bad/provider.yaml': 'titel: x\n',
      'broken.yaml': 'openapi: [',
      'good.json': PETS,
    });
    assert.deepEqual(
      result.refused.map(({ provider, file, line, rule }) => [provider, file, line, rule]),
      [
        ['bad', 'bad/provider.yaml', 1, 'settings-key'],
        ['broken', 'broken.yaml', result.refused[1]?.line, result.refused[1]?.rule],
      ],
    );
    assert.equal(result.providers, 1);
  });
});

describe('emitted TypeScript', () => {
  const use = (code: string): string => `
    import type { Endpoint } from './contract.js';
    import { pets } from './providers/pets/endpoints.js';
    declare function call<E extends Endpoint>(endpoint: E, args: NonNullable<E['~arguments']>): NonNullable<E['~answer']>;
    ${code}
  `;
  let text: Record<string, string>;
  let errors: readonly string[];

  const RIGHT: [name: string, code: string][] = [
    [
      'takes arguments by their names',
      `call(pets.listPets, { kind: 'cat', page: 2, region: 'us', filter: { name: 'x' } });`,
    ],
    ['lets optional arguments be left out', `call(pets.listPets, { kind: 'dog' });`],
    [
      'knows the fields of an answer',
      `const name: string | undefined = call(pets.listPets, { kind: 'cat' })[0]?.name;`,
    ],
    ['takes a body without what is readOnly', `call(pets.createPet, { body: { name: 'Tom', secret: 's' } });`],
    ['gives an answer with what is readOnly', `const id: string = call(pets.createPet, { body: { name: 'Tom' } }).id;`],
    [
      'takes a file as base64 or described',
      `call(pets.delete, { petId: 1, body: { file: 'AAAA' } });
       call(pets.delete, { petId: 1, body: { file: { data: 'AAAA', filename: 'a.png' }, caption: 'c' } });`,
    ],
  ];
  const WRONG: [name: string, code: string, message: RegExp][] = [
    ['an argument of another type', `call(pets.listPets, { kind: 'cat', page: '2' });`, /'string' is not assignable/],
    ['a value outside of an enum', `call(pets.listPets, { kind: 'cow' });`, /'"cow"' is not assignable/],
    ['a server variable outside of its enum', `call(pets.listPets, { kind: 'cat', region: 'mars' });`, /'"mars"'/],
    ['a missing argument', `call(pets.listPets, {});`, /'kind' is missing/],
    [
      'an argument that does not exist',
      `call(pets.listPets, { kind: 'cat', colour: 'red' });`,
      /'colour' does not exist/,
    ],
    ['a body without a required property', `call(pets.createPet, { body: {} });`, /'name' is missing/],
    ['what is readOnly in a body', `call(pets.createPet, { body: { name: 'x', id: 'y' } });`, /'id'|is not assignable/],
    [
      'what is writeOnly in an answer',
      `call(pets.createPet, { body: { name: 'x' } }).secret;`,
      /'secret' does not exist/,
    ],
    ['a file that is a number', `call(pets.delete, { petId: 1, body: { file: 1 } });`, /'number' is not assignable/],
  ];
  // One program for all cases: most of the time goes into reading the standard library.
  before(async function () {
    this.timeout(120_000);
    ({ text } = await generated({ 'pets.json': PETS }));
    const cases = [...RIGHT, ...WRONG].map(([, code], index) => [`use-${String(index)}.ts`, use(code)]);
    errors = typeErrors({ ...text, ...(Object.fromEntries(cases) as Record<string, string>) });
  });
  const errorsOf = (index: number): readonly string[] =>
    errors.filter((error) => error.startsWith(`/use-${String(index)}.ts: `));

  it('compiles in strict mode', () => {
    assert.deepEqual(
      errors.filter((error) => !error.startsWith('/use-')),
      [],
    );
  });
  for (const [index, [name]] of RIGHT.entries()) {
    it(name, () => assert.deepEqual(errorsOf(index), []));
  }
  for (const [index, [name, , message]] of WRONG.entries()) {
    it(`does not compile with ${name}`, () => assert.match(errorsOf(RIGHT.length + index).join('\n'), message));
  }

  it('reads back the constants of the descriptors', async () => {
    const { pets, ...others } = await exportsOf(text['providers/pets/endpoints.ts'] ?? '');
    assert.deepEqual(others, {});
    assert.deepEqual(Object.keys(pets as object), ['createPet', 'delete', 'listPets']);
    assert.deepEqual((pets as Record<string, unknown>).listPets, {
      id: 'pets/list-pets',
      method: 'GET',
      path: '/pets',
      title: 'List pets',
      price: { model: 'per_call', amount: '0.001' },
    });
  });
});

describe('a hostile document', () => {
  it('compiles to what it said, and executes nothing', async function () {
    this.timeout(60_000);
    const { text, refused } = await generated({ 'hostile.json': HOSTILE });
    assert.deepEqual(refused, []);
    assert.deepEqual(typeErrors(text), []);
    const source = text['providers/hostile/endpoints.ts'] ?? '';
    const { hostile } = await exportsOf(source);
    const constants = hostile as Readonly<Record<string, unknown>>;
    assert.equal('injected' in globalThis, false);
    const { endpoints } = JSON.parse(text['providers/hostile/descriptors.json'] ?? '') as ProviderFile;
    assert.deepEqual(
      Object.values(constants)
        .map((constant) => (constant as { id: string; path: string }).path)
        .sort(),
      ['/a/`${globalThis.injected=4}`/*/"x"/', '/constructor'],
    );
    assert.deepEqual(
      endpoints.map(({ id, path, title, method, price }) => ({ id, method, path, title, price })),
      Object.values(constants).sort((a, b) => ((a as { id: string }).id < (b as { id: string }).id ? -1 : 1)),
    );
  });

  it('leaves no character in the sources that hides or reorders what a reviewer sees', async () => {
    const { text } = await generated({ 'hostile.json': HOSTILE });
    for (const [file, content] of Object.entries(text)) {
      if (file.endsWith('.ts')) assert.doesNotMatch(content, /[\u2028\u2029\u202a-\u202e\u2066-\u2069]/, file);
    }
  });

  it('says in the types what it said, as a string', async () => {
    const { text } = await generated({ 'hostile.json': HOSTILE });
    const escaped = JSON.stringify(HOSTILE_TEXT).replace(/[\u2028\u2029\u202e]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16)}`;
    });
    assert.ok(text['providers/hostile/types.ts']?.includes(escaped));
  });
});
