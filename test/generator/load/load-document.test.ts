import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadDocument, type LoadedDocument, type LoadOptions } from '../../../generator/load/load-document.js';
import { normalize } from '../../../generator/normalize/normalize.js';
import { Findings, SpecError } from '../../../generator/report/findings.js';

const HEAD = 'openapi: 3.1.0\ninfo: {title: Acme, version: "1"}\n';
const MINIMAL = `${HEAD}paths: {}\n`;

/** A document with one schema, in which `schema` stands as it is. */
function withSchema(schema: string): string {
  return `${HEAD}paths: {}\ncomponents:\n  schemas:\n    Pet: ${schema}\n`;
}

describe('loadDocument', () => {
  let specsDir: string;
  beforeEach(async () => {
    specsDir = await mkdtemp(path.join(tmpdir(), 'tollgate-load-'));
    await mkdir(path.join(specsDir, 'acme/schemas'), { recursive: true });
  });
  afterEach(() => rm(specsDir, { recursive: true }));

  const write = (file: string, text: string | Uint8Array) => writeFile(path.join(specsDir, file), text);
  const load = (
    findings = new Findings(),
    options: Partial<LoadOptions> = {},
    root = 'acme',
  ): Promise<LoadedDocument> => {
    const source = { provider: 'acme', specsDir, file: 'acme/openapi.yaml', root };
    return loadDocument(source, { allowRemoteRefs: false, ...options }, findings);
  };
  const refused = async (
    text: string | Uint8Array,
    options: Partial<LoadOptions> = {},
    root?: string,
  ): Promise<SpecError> => {
    await write('acme/openapi.yaml', text);
    try {
      await load(new Findings(), options, root);
    } catch (error) {
      assert.ok(error instanceof SpecError, String(error));
      return error;
    }
    throw new Error('it was admitted');
  };

  it('reads YAML and says where its parts stand', async () => {
    await write('acme/openapi.yaml', `${HEAD}paths:\n  /a~b:\n    get:\n      responses: {}\n`);
    const loaded = await load();
    assert.deepEqual(loaded.place('/paths/~1a~0b/get/responses'), {
      file: 'acme/openapi.yaml',
      pointer: '/paths/~1a~0b/get/responses',
      line: 6,
      column: 7,
    });
    assert.deepEqual(
      loaded.files.map(({ file }) => file),
      ['acme/openapi.yaml'],
    );
  });

  it('reads JSON and says where its parts stand, the nearest one for what it does not have', async () => {
    const text = JSON.stringify(
      { openapi: '3.1.0', info: { title: 'a"}', version: '1' }, paths: { '/a': { get: { tags: ['x', 'y'] } } } },
      null,
      2,
    );
    await write('acme/openapi.yaml', `\uFEFF${text}`);
    const loaded = await load();
    const lines = text.split('\n');
    const lineOf = (part: string): number => lines.findIndex((line) => line.includes(part)) + 1;
    assert.equal(loaded.place('/paths/~1a/get/tags/1').line, lineOf('"y"'));
    assert.equal(loaded.place('/paths/~1a/get/gone/0').line, lineOf('"get"'));
    assert.equal(loaded.place('').line, 1);
  });

  it('reads YAML whose lines end in carriage returns alone, and says on which of them something stands', async () => {
    await write('acme/openapi.yaml', `${MINIMAL}x-a: # one\n  b: 1\nx-c: 2\n`.replaceAll('\n', '\r'));
    const loaded = await load();
    const { 'x-a': a, 'x-c': c } = loaded.document as Record<string, unknown>;
    assert.deepEqual([a, c], [{ b: 1 }, 2]);
    assert.equal(loaded.place('/x-c').line, MINIMAL.split('\n').length + 2);
  });

  it('warns of a key that occurs twice in an object of JSON, with both places, and takes the last', async () => {
    const text =
      '{"openapi": "3.1.0", "info": {"title": "Acme", "version": "1"}, "paths": {},\n' +
      ' "x-a": [{"b": "a:b", "c/d": "\\"", "c/d": 2},\n {"c/d": {"e": 1, "e": 2}}], "x-b": {"c/d": 3}}';
    await write('acme/openapi.yaml', text);
    const findings = new Findings();
    const { document } = await load(findings);
    assert.deepEqual((document as Record<string, unknown>)['x-a'], [{ b: 'a:b', 'c/d': 2 }, { 'c/d': { e: 2 } }]);
    assert.deepEqual(
      findings.warnings.map(({ rule, pointer, line, column, message }) => [rule, pointer, line, column, message]),
      [
        ['duplicate-key', '/x-a/0/c~1d', 2, 36, 'the key "c/d" is at 2:23 already; the last one counts'],
        ['duplicate-key', '/x-a/1/c~1d/e', 3, 19, 'the key "e" is at 3:11 already; the last one counts'],
      ],
    );
  });

  const NUMBERS =
    '{"maximum": 9223372036854775807, "enum": [1, -9007199254740993, 0.1],\n "default": 0.1234567890123456789, ' +
    '"pattern": "9007199254740993", "a/b": {"multipleOf": 1.10, "example": 9007199254740992, "minimum": 0.30000000000000004}}';
  for (const [name, text] of [
    [
      'JSON',
      `{"openapi": "3.1.0", "info": {"title": "9007199254740993", "version": "1"}, "paths": {}, "x-a":\n${NUMBERS}}`,
    ],
    ['YAML', `openapi: 3.1.0\ninfo: {title: "9007199254740993", version: "1"}\npaths: {}\nx-a:\n ${NUMBERS}`],
  ] as const) {
    it(`warns of the numbers of ${name} that a double does not hold, each with its place`, async () => {
      await write('acme/openapi.yaml', text);
      const findings = new Findings();
      await load(findings);
      assert.deepEqual(
        findings.warnings.map(({ rule, pointer, message }) => [rule, pointer, message]),
        [
          ['number-rounded', '/x-a/maximum', roundedMessage('9223372036854775807', '9223372036854776000')],
          ['number-rounded', '/x-a/enum/1', roundedMessage('-9007199254740993', '-9007199254740992')],
          ['number-rounded', '/x-a/default', roundedMessage('0.1234567890123456789', '0.12345678901234568')],
        ],
      );
      const [first] = findings.warnings;
      assert.equal(first!.line, text.slice(0, text.indexOf('9223372036854775807')).split('\n').length);
      assert.equal(
        first!.remedy,
        'none is needed for a limit or an example; else write a number of at most 15 digits, or a text',
      );
    });
  }

  it('lists twenty of the numbers that a double does not hold, and counts the others', async () => {
    await write('acme/openapi.yaml', `${MINIMAL}x-a: [${'9007199254740993, '.repeat(25)}1]`);
    const findings = new Findings();
    await load(findings);
    assert.equal(findings.warnings.length, 20);
    assert.match(findings.warnings[19]!.message, /; 5 more numbers of this file are rounded$/);
  });

  it('warns of a hexadecimal number of YAML that is beyond every double, and reads the rest', async () => {
    const digits = `0x${'f'.repeat(300)}`;
    await write('acme/openapi.yaml', `${MINIMAL}x-a: [${digits}, 0xff]`);
    const findings = new Findings();
    await load(findings);
    assert.deepEqual(
      findings.warnings.map(({ rule, pointer }) => [rule, pointer]),
      [['number-rounded', '/x-a/0']],
    );
  });

  const versions: [name: string, text: string][] = [
    ['3.0 with a number for a version', 'openapi: 3.0\ninfo: {}\npaths: {}'],
    ['3.2', 'openapi: 3.2.0\ninfo: {}\npaths: {}'],
    ['2.0', 'swagger: "2.0"\ninfo: {}\npaths: {}'],
    ['2.0 as a number', 'swagger: 2.0\ninfo: {}\npaths: {}'],
    ['quoted text that looks like a comment', `${MINIMAL}x-a: {"// \\"b": '/* "c" */'}`],
    ['text that looks like a comment, and no JSON around it', `${MINIMAL}x-a: // see "b"`],
    ['merge keys and anchors', `${MINIMAL}x-a: &a {b: 1}\nx-c: {<<: *a}`],
  ];
  for (const [name, text] of versions) {
    it(`admits ${name}`, async () => {
      await write('acme/openapi.yaml', text);
      await load();
    });
  }

  const bomb = Array.from({ length: 9 }, (_, i) => `x-${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(9)}]`).join('\n');
  const refusals: [name: string, text: string | Uint8Array, rule: string][] = [
    ['a list', '[]', 'not-openapi'],
    ['an empty file', '', 'not-openapi'],
    ['an object of another kind', 'name: x', 'not-openapi'],
    ['Swagger 1.2', 'swagger: "1.2"\npaths: {}', 'unsupported-version'],
    ['OpenAPI 4', 'openapi: 4.0.0\npaths: {}', 'unsupported-version'],
    ['no paths', HEAD, 'no-paths'],
    ['paths that are a list', `${HEAD}paths: []`, 'no-paths'],
    ['broken YAML', 'a: [', 'invalid-yaml'],
    ['broken JSON', '{"a": ', 'invalid-yaml'],
    ['a key that occurs twice', `${MINIMAL}x-a: {b: 1, b: 2}`, 'duplicate-key'],
    ['a key that occurs twice, once in quotes', `${MINIMAL}x-a: {200: a, "200": b}`, 'duplicate-key'],
    ['JSON with a comment', '{"openapi": "3.1.0",\n// what there is\n"paths": {}}', 'invalid-yaml'],
    ['JSON with a comment within', '{"openapi": "3.1.0", "paths": {"/a": {/* GET */ "get": {}}}}', 'invalid-yaml'],
    ['JSON with a comment in a list', '{"openapi": "3.1.0", "paths": {}, "tags": [ // one\n "a"]}', 'invalid-yaml'],
    ['two documents in one file', `${MINIMAL}---\n${MINIMAL}`, 'invalid-yaml'],
    ['aliases that multiply', `${MINIMAL}x-0: &a0 [x]\n${bomb}`, 'invalid-yaml'],
    ['bytes that are not UTF-8', new Uint8Array([0x61, 0xff]), 'not-utf8'],
    [
      '10,000 levels of JSON',
      `{"openapi":"3.1.0","paths":{},"x-a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      'too-deep',
    ],
    ['a file above the folder', withSchema('{$ref: ../other.yaml}'), 'ref-outside-folder'],
    ['a file above the folder, percent-encoded', withSchema('{$ref: "%2e%2e/other.yaml"}'), 'ref-outside-folder'],
    ['an absolute path', withSchema('{$ref: /etc/hostname}'), 'ref-outside-folder'],
    ['a file URL', withSchema('{$ref: "file:///etc/hostname"}'), 'ref-outside-folder'],
    ['a link that leads out', withSchema('{$ref: link.yaml}'), 'ref-outside-folder'],
    ['a file on the network', withSchema('{$ref: "http://localhost:1/a.yaml"}'), 'remote-ref'],
    ['a file on the network without a scheme', withSchema('{$ref: "//localhost/a.yaml"}'), 'remote-ref'],
  ];
  for (const [name, text, rule] of refusals) {
    it(`refuses ${name}: ${rule}`, async () => {
      await write('other.yaml', 'type: string');
      await symlink(path.join(specsDir, 'other.yaml'), path.join(specsDir, 'acme/link.yaml'));
      const error = await refused(text);
      assert.equal(error.rule, rule);
      assert.notEqual(error.remedy, '');
      assert.equal(error.place.file, 'acme/openapi.yaml');
    });
  }

  it('says how JSON with comments and a second document are made readable', async () => {
    const commented = await refused('{"openapi": "3.1.0", "paths": {"/a": {\n  // of one\n  "get": {}}}}');
    assert.deepEqual(
      [commented.message, commented.place.line, commented.place.column, commented.remedy],
      [
        'JSON has no comments, and in YAML they do not begin with a slash',
        2,
        3,
        'remove the comment, or begin it with #',
      ],
    );
    const second = await refused(`${MINIMAL}---\n${MINIMAL}`);
    assert.deepEqual(
      [second.message, second.place.line, second.remedy],
      ['Source contains multiple documents', 4, 'keep one document: delete from the --- on'],
    );
  });

  it('says what a version can be converted to that it refuses, and where it stands', async () => {
    const { place, message, remedy } = await refused('info: {}\nopenapi: 4.0.0\npaths: {}');
    assert.deepEqual(place, { file: 'acme/openapi.yaml', pointer: '/openapi', line: 2, column: 1 });
    assert.equal(message, 'version 4.0.0 cannot be read');
    assert.equal(remedy, 'convert it to OpenAPI 3.0, 3.1 or 3.2');
  });

  for (const version of ['3.3.0', '3.9.0', '3.10.1']) {
    it(`reads ${version} as 3.2, and warns of it`, async () => {
      await write('acme/openapi.yaml', `info: {}\nopenapi: ${version}\npaths: {}`);
      const findings = new Findings();
      await load(findings);
      assert.deepEqual(
        findings.warnings.filter(({ rule }) => rule === 'unknown-version'),
        [
          {
            provider: 'acme',
            file: 'acme/openapi.yaml',
            pointer: '/openapi',
            line: 2,
            column: 1,
            rule: 'unknown-version',
            message: `version ${version} is not known; it is read as 3.2`,
            remedy: 'convert it to OpenAPI 3.0, 3.1 or 3.2',
          },
        ],
      );
    });
  }

  it('warns of no version from 2.0 to 3.2', async () => {
    for (const version of ['openapi: 3.0.4', 'openapi: 3.1.1', 'openapi: 3.2.0', 'openapi: 3', 'swagger: "2.0"']) {
      await write('acme/openapi.yaml', `${version}\npaths: {}`);
      const findings = new Findings();
      await load(findings);
      assert.deepEqual(
        findings.warnings.filter(({ rule }) => rule === 'unknown-version'),
        [],
        version,
      );
    }
  });

  it('says the line of what it refuses', async () => {
    assert.deepEqual((await refused(withSchema('{$ref: /etc/hostname}'))).place, {
      file: 'acme/openapi.yaml',
      pointer: '/components/schemas/Pet',
      line: 6,
      column: 5,
    });
  });

  it('refuses 10,000 levels of YAML', async () => {
    const error = await refused(`${MINIMAL}x-a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`);
    assert.ok(['too-deep', 'invalid-yaml'].includes(error.rule));
  });

  it('keeps a provider of one file to that file', async () => {
    await write('acme/other.yaml', 'type: string');
    const error = await refused(withSchema('{$ref: other.yaml}'), {}, 'acme/openapi.yaml');
    assert.equal(error.rule, 'ref-outside-folder');
  });

  it('brings other files inside, from the place of the file that refers to them, circles included', async () => {
    await write(
      'acme/openapi.yaml',
      `${HEAD}servers: [{url: https://a.test}]\npaths: {/a: {$ref: paths.yaml#/items/a}}\ncomponents: {schemas: {Name: {type: string}}}`,
    );
    await write(
      'acme/paths.yaml',
      'items: {a: {get: {responses: {"200": {content: {application/json: {schema: {$ref: schemas/Tree.json}}}}}}}}',
    );
    await write(
      'acme/schemas/Tree.json',
      '{"properties": {"next": {"$ref": "#"}, "name": {"$ref": "../openapi.yaml#/components/schemas/Name"}}}',
    );
    const findings = new Findings();
    const loaded = await load(findings);
    assert.deepEqual(
      loaded.files.map(({ file }) => file),
      ['acme/openapi.yaml', 'acme/paths.yaml', 'acme/schemas/Tree.json'],
    );
    const { operations, definitions } = normalize(loaded, 'acme', findings);
    assert.deepEqual(operations[0]?.responses[0]?.schema, { $ref: '#/$defs/Tree' });
    assert.deepEqual(definitions, {
      Name: { type: 'string' },
      Tree: { properties: { next: { $ref: '#/$defs/Tree' }, name: { $ref: '#/$defs/Name' } } },
    });
    assert.deepEqual([findings.warnings, findings.losses], [[], []]);
  });

  const dangling: [name: string, text: string][] = [
    ['in an extension', `${MINIMAL}x-a: {$ref: "#/gone"}`],
    ['to a file, in an extension', `${MINIMAL}x-a: {$ref: gone.yaml}`],
    ['to a file that may not be read, in an extension', `${MINIMAL}x-a: {$ref: /etc/hostname}`],
    ['in an example', withSchema('{example: {$ref: "#/gone"}}')],
    ['to a file that does not exist', withSchema('{$ref: gone.yaml}')],
  ];
  for (const [name, text] of dangling) {
    it(`warns of a reference that leads nowhere: ${name}`, async () => {
      await write('acme/openapi.yaml', text);
      const findings = new Findings();
      await load(findings);
      assert.deepEqual(
        findings.warnings.map(({ rule }) => rule).filter((rule) => rule === 'dangling-ref'),
        ['dangling-ref'],
      );
    });
  }

  it('takes a property that is called $ref for a property', async () => {
    await write(
      'acme/openapi.yaml',
      withSchema('{properties: {$ref: {type: string}, example: {$ref: "#/components/schemas/Pet"}}}'),
    );
    const findings = new Findings();
    await load(findings);
    assert.deepEqual(findings.warnings, []);
  });

  it('applies the transformation before it reads anything else', async () => {
    await write('acme/openapi.yaml', 'name: no OpenAPI yet');
    const transform = () => ({ openapi: '3.1.0', info: { title: 'Acme', version: '1' }, paths: {} });
    assert.deepEqual((await load(new Findings(), { transform })).document, transform());
  });

  it('warns of what breaks the schema of OpenAPI, with its place, and admits it', async () => {
    await write(
      'acme/openapi.yaml',
      'openapi: 3.0.0\ninfo: {title: Acme, version: "1"}\npaths:\n  /a:\n    get:\n      tags: 7\n      responses: {"200": {description: ok}}\n',
    );
    const findings = new Findings();
    await load(findings);
    assert.deepEqual(findings.warnings[0], {
      provider: 'acme',
      file: 'acme/openapi.yaml',
      pointer: '/paths/~1a/get/tags',
      line: 6,
      column: 7,
      rule: 'invalid-openapi',
      message: '"tags" must be array',
      remedy: 'correct the document, or leave it: what cannot be read is listed by itself',
    });
  });

  it('validates without following references, however many ways there are through them', async () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => {
        const next = { $ref: `#/components/schemas/S${(i + 1) % 60}` };
        return [`S${i}`, { type: 'object', properties: { a: next, b: next, c: next } }];
      }),
    );
    const document = { openapi: '3.0.0', info: { title: 'Acme', version: '1' }, paths: {}, components: { schemas } };
    await write('acme/openapi.yaml', JSON.stringify(document));
    const findings = new Findings();
    assert.deepEqual((await load(findings)).document, document);
    assert.deepEqual(findings.warnings, []);
  });

  it('takes a reference to the URL that a document says is its own for one into itself', async () => {
    const schemas = '{A: {$ref: "https://a.test/openapi.yaml#/components/schemas/B"}, B: {type: string}}';
    const text = `openapi: 3.2.0\n$self: https://a.test/openapi.yaml\npaths: {}\ncomponents: {schemas: ${schemas}}`;
    await write('acme/openapi.yaml', text);
    const { document } = (await load()) as { document: { components?: { schemas: object } } };
    assert.deepEqual(document.components?.schemas, { A: { $ref: '#/components/schemas/B' }, B: { type: 'string' } });
  });

  const identified: [name: string, schemas: string, want: Record<string, string>][] = [
    [
      'by its URI, with and without a path',
      '{A: {$ref: "https://a.test/pet"}, B: {$ref: "https://a.test/pet#/properties/x"}, Pet: {$id: "https://a.test/pet", properties: {x: {}}}}',
      { A: '#/components/schemas/Pet', B: '#/components/schemas/Pet/properties/x' },
    ],
    [
      'by a URI relative to that of the schema around it',
      '{A: {$id: "https://a.test/s/a", $ref: "pet"}, Pet: {$id: "https://a.test/s/pet"}}',
      { A: '#/components/schemas/Pet' },
    ],
    ['by a plain name', '{A: {$ref: "Pet"}, Pet: {$id: Pet}}', { A: '#/components/schemas/Pet' }],
    [
      'from its own root',
      '{A: {$id: "https://a.test/a", $defs: {B: {}}, $ref: "#/$defs/B"}}',
      { A: '#/components/schemas/A/$defs/B' },
    ],
    [
      'from the root of the document, where it has no such path itself',
      '{A: {$id: "https://a.test/a", $ref: "#/components/schemas/B"}, B: {}}',
      { A: '#/components/schemas/B' },
    ],
  ];
  for (const [name, schemas, want] of identified) {
    it(`takes a reference into a schema with an $id ${name}`, async () => {
      await write('acme/openapi.yaml', `${HEAD}paths: {}\ncomponents:\n  schemas: ${schemas}\n`);
      const findings = new Findings();
      const { document } = (await load(findings)) as unknown as {
        document: { components: { schemas: Record<string, { $ref?: string }> } };
      };
      for (const [schema, reference] of Object.entries(want)) {
        assert.equal(document.components.schemas[schema]?.$ref, reference);
      }
      assert.deepEqual(
        findings.warnings.filter(({ rule }) => rule === 'dangling-ref'),
        [],
      );
    });
  }

  it('takes no $id for one that stands in an example, an extension or among properties', async () => {
    const data = '{$id: "https://a.test/pet"}';
    const error = await refused(
      `${HEAD}paths: {}\nx-a: ${data}\ncomponents:\n  schemas: {A: {$ref: "https://a.test/pet"}, B: {example: ${data}, properties: {$id: {type: string}}}}\n`,
    );
    assert.equal(error.rule, 'remote-ref');
  });

  it('knows the place that a document was fetched from', async () => {
    await write(
      'acme/openapi.yaml',
      'openapi: 3.1.0\ninfo: {title: Acme, version: "1", x-origin: [{url: "https://a.test/openapi.json"}]}\npaths: {}',
    );
    assert.equal((await load()).origin, 'https://a.test/openapi.json');
  });

  describe('where remote references are allowed', () => {
    let server: Server;
    let origin: string;
    /** Another server of this machine. */
    let elsewhere: string;
    let other: Server;
    let asked: number;
    const free = () => ({ allowRemoteRefs: true, fetchedFrom: `${origin}/openapi.yaml` });
    beforeEach(async () => {
      asked = 0;
      other = createServer((_request, response) => {
        asked += 1;
        response.end('type: string');
      });
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
      server = createServer((request, response) => {
        if (request.url === '/schemas/pet.yaml') response.end('properties: {name: {$ref: name.yaml}}');
        else if (request.url === '/schemas/name.yaml') response.end('type: string');
        else if (request.url === '/schemas/thief.yaml') response.end('$ref: file:///etc/hostname');
        else if (request.url === '/schemas/away.yaml') response.writeHead(302, { location: elsewhere }).end();
        else if (request.url === '/schemas/back.yaml')
          response.writeHead(307, { location: '/schemas/name.yaml' }).end();
        else response.writeHead(404).end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(async () => {
      await new Promise((resolve) => server.close(resolve));
      await new Promise((resolve) => other.close(resolve));
    });

    it('brings them inside, and what they refer to in turn', async () => {
      await write('acme/openapi.yaml', withSchema(`{$ref: "${origin}/schemas/pet.yaml"}`));
      const { files } = await load(new Findings(), free());
      assert.deepEqual(
        files.map(({ file }) => file),
        ['acme/openapi.yaml', `${origin}/schemas/pet.yaml`, `${origin}/schemas/name.yaml`],
      );
    });

    it('warns of those that are not there', async () => {
      await write('acme/openapi.yaml', withSchema(`{$ref: "${origin}/gone.yaml"}`));
      const findings = new Findings();
      await load(findings, free());
      assert.deepEqual(
        findings.warnings.filter(({ rule }) => rule === 'dangling-ref').map(({ message }) => message),
        [`"${origin}/gone.yaml" leads nowhere: ${origin}/gone.yaml answered 404`],
      );
    });

    it('lets none of them lead to a local file', async () => {
      const error = await refused(withSchema(`{$ref: "${origin}/schemas/thief.yaml"}`), free());
      assert.equal(error.rule, 'ref-outside-folder');
    });

    it('follows redirects within the server that the document came from', async () => {
      await write('acme/openapi.yaml', withSchema(`{$ref: "${origin}/schemas/back.yaml"}`));
      const { files } = await load(new Findings(), free());
      assert.equal(Buffer.from(files[1]!.bytes).toString(), 'type: string');
    });

    const inside: [name: string, url: () => string, options?: () => Partial<LoadOptions>][] = [
      ['an address of this machine', () => elsewhere],
      ['a name of this machine', () => elsewhere.replace('127.0.0.1', 'localhost')],
      ['an address written as a number', () => elsewhere.replace('127.0.0.1', '2130706433')],
      ['an address of this machine in IPv6', () => elsewhere.replace('127.0.0.1', '[::ffff:127.0.0.1]')],
      ['a private network', () => 'http://10.0.0.1/a.yaml'],
      ['the metadata of a cloud', () => 'http://169.254.169.254/latest'],
      ['another server than the one that the document came from', () => elsewhere, free],
      ['another server, by a redirect of the one that it came from', () => `${origin}/schemas/away.yaml`, free],
    ];
    for (const [name, url, options = () => ({ allowRemoteRefs: true })] of inside) {
      it(`fetches nothing from ${name}: private-ref`, async () => {
        const error = await refused(withSchema(`{$ref: "${url()}"}`), options());
        assert.equal(error.rule, 'private-ref');
        assert.equal(error.place.pointer, '/components/schemas/Pet');
        assert.equal(asked, 0);
      });
    }

    it('is led inside by nothing that a document says of itself', async () => {
      const info = `info: {title: Acme, version: "1", x-origin: [{url: "${elsewhere}openapi.yaml"}]}`;
      const text = `openapi: 3.1.0\n${info}\npaths: {}\ncomponents: {schemas: {Pet: {$ref: "${elsewhere}"}}}`;
      assert.equal((await refused(text, { allowRemoteRefs: true })).rule, 'private-ref');
      assert.equal(asked, 0);
    });
  });
});

function roundedMessage(digits: string, read: string): string {
  return `${digits} has more digits than a double holds, and is read as ${read}`;
}
