import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Catalogue, ProviderFile } from '../../generator/contract.js';
import { constantName } from '../../generator/emit/constant-name.js';
import { generate } from '../../generator/generate.js';
import { inFolder } from '../generator/a-folder.js';
import { typeErrors } from '../generator/emit/compiled.js';
import { hostileDocument, type HostileText } from './a-hostile-document.js';
import { doings, membersOf, run } from './sources.js';

const CANARY = 'globalThis.canary = 1';

/** Each of these breaks out of something, where it is not taken for what it is. */
const TEXTS: readonly [name: string, text: string][] = [
  ['the end of a comment', `*/ ${CANARY}; /*`],
  ['the end of a comment that an escape would make', `*\\u002f ${CANARY}; *\u200b/ ${CANARY} //`],
  ['a template', `\${(${CANARY})} \`;${CANARY};\``],
  ['a double quote', `"; ${CANARY}; "`],
  ['a single quote', `'; ${CANARY}; '`],
  ['a backslash at the end', `${CANARY}\\`],
  ['an escaped quote', `\\"; ${CANARY}; //`],
  ['line separators', `\u2028${CANARY}\u2029${CANARY}\r\n${CANARY}\n${CANARY}`],
  ['what reorders a line', `\u202e${CANARY}\u2066\ufeff`],
  ['half of a character', `\ud800${CANARY}\udc00`],
  ['the end of a script', `</script><script>${CANARY}</script><!-- `],
  ['a tag of a comment', `@deprecated\n@internal {@link x}`],
  ['a directive', '// @ts-ignore\n/// <reference path="/etc/passwd" />\n#!/bin/sh'],
  ['an index signature', `[key: string]: any; } & { x`],
  ['the prototype', '__proto__'],
  ['the constructor', 'constructor'],
  ['a method of every object', 'toString'],
  ['a reserved word', 'delete'],
  ['a global', 'globalThis'],
  ['a type of the library', 'Record'],
  ['a number', '1e3'],
  ['an empty text', ''],
];

/** The emitted files of each document, in the order of the documents. */
async function emitted(documents: readonly object[]) {
  const specs = Object.fromEntries(documents.map((document, index) => [`p${String(index)}.json`, document]));
  const { files, refused } = await inFolder(specs, (specsDir) =>
    generate({ specsDir, allowRemoteRefs: false, types: true }),
  );
  const text = Object.fromEntries(files.map((file) => [file.file, file.text]));
  const providers = documents.map((_, index) => ({
    id: `p${String(index)}`,
    descriptors: JSON.parse(text[`providers/p${String(index)}/descriptors.json`] ?? 'null') as ProviderFile,
    endpoints: text[`providers/p${String(index)}/endpoints.ts`] ?? '',
    types: text[`providers/p${String(index)}/types.ts`] ?? '',
  }));
  return { text, refused, providers };
}

type Emitted = Awaited<ReturnType<typeof emitted>>;

/** What is wrong with the sources of a document that says `said`. */
function faults({ descriptors, endpoints, types }: Emitted['providers'][number], said: HostileText): readonly string[] {
  const found = [...doings(endpoints), ...doings(types)];
  const [first] = descriptors.endpoints.filter(({ path }) => path === '/said');
  const expect = (what: string, is: unknown, want: unknown): void => {
    if (JSON.stringify(is) !== JSON.stringify(want)) found.push(`${what} is ${JSON.stringify(is)}`);
  };
  const { properties } = (first?.arguments ?? {}) as { readonly properties: Record<string, unknown> };
  const typeName = [...types.matchAll(/export type (\w+Arguments) =/g)].map(([, name]) => name ?? '');
  const all = typeName.map((name) => membersOf(types, name));
  const members = all.find((each) => each.has('X-Said')) ?? new Map<string, readonly string[]>();
  expect('the arguments in types.ts', [...members.keys()].sort(), Object.keys(properties).sort());
  if (said.name !== '') {
    expect('the name on the wire', first?.parameters.find((binding) => binding.in === 'query')?.name, said.name);
    expect('the enum in types.ts', members.get(said.name) ?? [], first === undefined ? 'nothing' : [said.text]);
    const body = membersOf(types, 'Said');
    expect('the property in types.ts', [...body.keys()], [said.name]);
    expect('its enum', body.get(said.name), [...new Set([said.text, 'other'])]);
  }
  return found;
}

describe('a hostile document', function () {
  this.timeout(600_000);

  describe('that says the same everywhere', () => {
    const documents = TEXTS.map(([, text]) => ({ text, name: text }));
    let result: Emitted;
    let ran: ReturnType<typeof run>;
    let errors: readonly string[];
    before(async () => {
      result = await emitted(documents.map((said) => hostileDocument(said)));
      errors = typeErrors(result.text);
      ran = run(result.providers.map(({ endpoints }) => endpoints));
    });

    it('is admitted, and compiles in strict mode', () => {
      assert.deepEqual(result.refused, []);
      assert.deepEqual(errors, []);
    });

    it('executes nothing and changes no prototype when its module is run', () => assert.deepEqual(ran.gained, []));

    for (const [index, [name]] of TEXTS.entries()) {
      it(`says in its sources what it said: ${name}`, () => {
        assert.deepEqual(faults(result.providers[index]!, documents[index]!), []);
      });

      it(`has in its module what stands in its descriptors: ${name}`, () => {
        const { id, descriptors } = result.providers[index]!;
        const constant = (ran.exports[index] as Record<string, object>)[constantName(id)];
        assert.deepEqual(
          Object.values(constant ?? {}),
          descriptors.endpoints.map(({ id, method, path, title, price }) => ({ id, method, path, title, price })),
        );
        assert.equal(descriptors.endpoints.length, 2);
      });
    }

    it('has no character in its sources that hides or reorders what a reviewer sees', () => {
      for (const { endpoints, types } of result.providers) {
        // Line feeds are the only control characters; the others separate lines, reorder them, or mark a beginning.
        assert.doesNotMatch((endpoints + types).replaceAll('\n', ''), /\p{Cc}|[\u2028-\u202e\u2066-\u2069\ufeff]/u);
      }
    });

    it('is in the catalogue as what it is in its descriptors', () => {
      const catalogue = JSON.parse(result.text['catalogue.json'] ?? '') as Catalogue;
      assert.deepEqual(
        catalogue.endpoints.map(({ id, title, path }) => ({ id, title, path })),
        [...result.providers]
          .sort((left, right) => (left.id < right.id ? -1 : 1))
          .flatMap(({ descriptors }) => descriptors.endpoints.map(({ id, title, path }) => ({ id, title, path }))),
      );
      assert.equal(Object.hasOwn(Object.prototype, 'canary'), false);
    });
  });

  it('compiles to what it said, and executes nothing, whatever it is made of', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        ...TEXTS.map(([, text]) => text),
        CANARY,
        '*/',
        '/*',
        '//',
        '`',
        '${',
        '}',
        '"',
        "'",
        '\\',
        '\\u',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    );
    const text = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
    // One program for all: most of the time goes into reading the standard library.
    const documents = fc.sample(fc.record({ text, name: text }), { numRuns: 60, seed: 20_240_115 });
    const { providers, refused, text: files } = await emitted(documents.map((said) => hostileDocument(said)));
    assert.deepEqual(refused, []);
    assert.deepEqual(typeErrors(files), []);
    assert.deepEqual(run(providers.map(({ endpoints }) => endpoints)).gained, []);
    for (const [index, said] of documents.entries()) {
      assert.deepEqual(faults(providers[index]!, said), [], JSON.stringify(said));
    }
  });

  it('reads no file beside it and asks nobody, by a reference', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('{"type":"string","enum":["canary"]}');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const references = [
      `http://127.0.0.1:${String(port)}/schema.json`,
      `//127.0.0.1:${String(port)}/schema.json`,
      '/etc/hostname',
      'file:///etc/hostname',
      '../outside.json',
      '..%2foutside.json',
    ];
    try {
      for (const reference of references) {
        const document = hostileDocument({ text: 'said', name: 'said' }) as { components: { schemas: object } };
        document.components.schemas = { Said: { $ref: reference } };
        const { files } = await inFolder(
          { 'outside.json': { enum: ['canary'] }, 'specs/p/openapi.json': document },
          (folder) => generate({ specsDir: join(folder, 'specs'), allowRemoteRefs: false, types: true }),
        );
        assert.doesNotMatch(files.map(({ text }) => text).join(''), /canary/, reference);
      }
      assert.deepEqual(asked, []);
    } finally {
      server.close();
    }
  });
});
