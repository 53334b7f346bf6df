import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { contentsOf, inFolder } from '../a-folder.js';
import { PETS } from '../a-document.js';
import { runGenerator } from './run-generator.js';

const SECURED = `# kept as it is
openapi: 3.0.3
info: { title: "The Ünïcode Pets API: v2", version: "1" }
servers: [{ url: /v2 }]
security: [{ api-key: [] }]
paths:
  /pets: { get: { operationId: listPets, responses: { "200": { description: ok } } } }
components:
  securitySchemes:
    api-key: { type: apiKey, in: header, name: X-Key }
`;

const PARTLY = `openapi: 3.0.3
info: { title: Partly, version: "1" }
servers: [{ url: https://partly.example }]
paths:
  /near: { get: { operationId: near, servers: [{ url: /v2 }], responses: { "200": { description: ok } } } }
  /far: { get: { operationId: far, responses: { "200": { description: ok } } } }
`;

/** A document of two files, which refer to one another. */
const SEVERAL = {
  'api/pets.yaml':
    'openapi: 3.1.0\ninfo: { title: Pets, version: "1" }\nservers: [{ url: https://pets.example }]\npaths: { /pets: { $ref: "paths/pets.yaml" } }\ncomponents: { schemas: { Pet: { type: object, properties: { name: { const: Kit } } } } }\n',
  'api/paths/pets.yaml':
    'post: { operationId: addPet, requestBody: { content: { application/json: { schema: { $ref: "../pets.yaml#/components/schemas/Pet" } } } } }\n',
};

function originOf(server: Server): string {
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

describe('the command add', function () {
  this.timeout(300_000);

  it('copies the document byte for byte, writes a provider.yaml and says what to fill in', () =>
    inFolder({ 'in.yaml': SECURED }, async (folder) => {
      const { code, stdout, stderr } = await runGenerator(['add', 'in.yaml'], { cwd: folder });
      assert.equal(code, 0, stderr);
      assert.deepEqual(contentsOf(join(folder, 'specs')), {
        'the-unicode-pets-v2/openapi.yaml': SECURED,
        'the-unicode-pets-v2/provider.yaml': `# All of this is optional; openapi.* beside it stays as the vendor publishes it.
title: "The Ünïcode Pets API: v2"
# categories: [developer-tools]
# The document names no host, and nothing can be called until this does.
# server: https://api.example.com
# Each credential is read from the environment when the gateway starts; it never stands in a file here.
credentials:
  "api-key": { env: TOLLGATE_CREDENTIAL_THE_UNICODE_PETS_V2_API_KEY }
# USDC; rules before the default, the first that matches an operation wins.
pricing:
  default: { model: per_call, amount: "0.001" }
  # rules:
  #   - match: { method: GET, path: "/status*" }
  #     price: { model: free }
`,
      });
      assert.equal(
        stdout,
        `added the-unicode-pets-v2: 1 operation
  specs/the-unicode-pets-v2/openapi.yaml
  specs/the-unicode-pets-v2/provider.yaml
next:
  1. fill in specs/the-unicode-pets-v2/provider.yaml:
     server: the document names no host
     categories, by which agents find it
     pricing: until you say otherwise each call costs 0.001 USDC
  2. set in the gateway's environment what the operations need (any one of an operation's alternatives):
     TOLLGATE_CREDENTIAL_THE_UNICODE_PETS_V2_API_KEY=<the key, sent in the header as X-Key>   (all operations)
  3. npx tollgate generate
`,
      );
      const generated = await runGenerator(['generate', '--no-types'], { cwd: folder });
      assert.equal(generated.code, 0, generated.stderr);
    }));

  it('says how many operations have no host where others have one, and that a server would replace these', () =>
    inFolder({ 'in.yaml': PARTLY }, async (folder) => {
      const { code, stdout, stderr } = await runGenerator(['add', 'in.yaml'], { cwd: folder });
      assert.equal(code, 0, stderr);
      const settings = readFileSync(join(folder, 'specs/partly/provider.yaml'), 'utf8');
      assert.doesNotMatch(settings, /nothing can be called/);
      assert.match(
        settings,
        /^# The server of 1 of 2 operations names no host: they cannot be called until an overlay\.yaml beside$/m,
      );
      assert.match(
        stdout,
        /^ {2}2\. give a server with a host to 1 of 2 operations, in an overlay\.yaml beside it\n.*place of all/m,
      );
      assert.match(
        stderr,
        /correct it with an overlay; or set server in provider\.yaml, or TOLLGATE_UPSTREAM_\S+, in place of all/,
      );
    }));

  it('takes the id that it is given, and prints JSON alone', () =>
    inFolder({ 'in.json': PETS }, async (folder) => {
      const { code, stdout } = await runGenerator(['add', 'in.json', '--id', 'shop', '--json'], { cwd: folder });
      assert.equal(code, 0);
      assert.deepEqual(JSON.parse(stdout), {
        id: 'shop',
        files: ['specs/shop/openapi.json', 'specs/shop/provider.yaml'],
        operations: 3,
        variables: [],
        losses: [],
        warnings: [],
      });
    }));

  it('fetches a URL, follows redirects, and fills in the server that a relative one means', () =>
    inFolder({}, async (folder) => {
      const server = createServer((request, response) => {
        if (request.url === '/old') response.writeHead(302, { location: '/docs/openapi.yaml' }).end();
        else if (request.url === '/docs/openapi.yaml') response.end(SECURED);
        else if (request.url === '/page') response.end('\n<!DOCTYPE html>\n<html><body>openapi: 3.0.0</body></html>');
        else if (request.url === '/several/pets.yaml') response.end(SEVERAL['api/pets.yaml']);
        else if (request.url === '/several/paths/pets.yaml') response.end(SEVERAL['api/paths/pets.yaml']);
        else if (request.url === '/latest') response.writeHead(302, { location: '/several/pets.yaml' }).end();
        else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
        else if (request.url === '/file') response.writeHead(302, { location: 'file:///etc/passwd' }).end();
        else response.writeHead(404).end();
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      const origin = originOf(server);
      try {
        const added = await runGenerator(['add', `${origin}/old`, '--id', 'pets'], { cwd: folder });
        assert.equal(added.code, 0, added.stderr);
        const provider = readFileSync(join(folder, 'specs/pets/provider.yaml'), 'utf8');
        assert.match(provider, new RegExp(`^server: "${origin}/v2"$`, 'm'));
        for (const [id, path] of [
          ['several', 'several/pets.yaml'],
          ['latest', 'latest'],
        ] as const) {
          const several = await runGenerator(['add', `${origin}/${path}`, '--id', id], { cwd: folder });
          assert.equal(several.code, 0, several.stderr);
          assert.doesNotMatch(several.stderr, /leads nowhere/);
          assert.deepEqual(Object.keys(contentsOf(join(folder, 'specs', id))), [
            'openapi.yaml',
            'paths/pets.yaml',
            'pets.yaml',
            'provider.yaml',
          ]);
        }
        const FAULTS: [path: string, message: RegExp][] = [
          ['none', /^error: http:\/\/127\.0\.0\.1:\d+\/none answered 404: check the URL$/m],
          ['page', /\/page is a web page, not an API document: look in it for the link to the document$/m],
          ['loop', /\/loop redirects more than 5 times: not followed$/m],
          ['file', /redirects to "file:\/\/\/etc\/passwd": not followed$/m],
        ];
        for (const [path, message] of FAULTS) {
          const failed = await runGenerator(['add', `${origin}/${path}`, '--id', 'none'], { cwd: folder });
          assert.equal(failed.code, 1);
          assert.match(failed.stderr, message);
          assert.deepEqual(readdirSync(join(folder, 'specs')), ['latest', 'pets', 'several']);
        }
      } finally {
        server.close();
      }
    }));

  it('lets no file that a document refers to lead to another server of a private network', () =>
    inFolder({}, async (folder) => {
      let asked = 0;
      const elsewhere = createServer((_request, response) => {
        asked += 1;
        response.end(SEVERAL['api/paths/pets.yaml']);
      });
      const server = createServer((request, response) => {
        if (request.url === '/pets.yaml') response.end(SEVERAL['api/pets.yaml']);
        else response.writeHead(302, { location: `${originOf(elsewhere)}/inside` }).end();
      });
      for (const each of [elsewhere, server]) {
        await new Promise<void>((listening) => each.listen(0, '127.0.0.1', listening));
      }
      try {
        const { code, stderr } = await runGenerator(['add', `${originOf(server)}/pets.yaml`], { cwd: folder });
        assert.equal(code, 1);
        assert.match(
          stderr,
          /^error: http:\/\/127\.0\.0\.1:\d+\/inside is not at a public address: download the document with its files, and add the file$/m,
        );
        assert.equal(asked, 0);
        assert.equal(existsSync(join(folder, 'specs')), false);
      } finally {
        server.close();
        elsewhere.close();
      }
    }));

  it('shows what would command the terminal as what it is', () => {
    const hostile = {
      ...PETS,
      paths: { ...PETS.paths, '/a\u001b[2J': { get: { responses: { 200: { $ref: 'gone.yaml' } } } } },
      components: {
        ...PETS.components,
        securitySchemes: { key: { type: 'apiKey', in: 'query', name: 'k\u001b[2J' } },
      },
      security: [{ key: [] }],
    };
    return inFolder({ 'in.json': hostile }, async (folder) => {
      const { code, stdout, stderr } = await runGenerator(['add', 'in.json'], { cwd: folder });
      assert.equal(code, 0, stderr);
      assert.match(stderr, /#\/paths\/~1a\\u\{1b\}\[2J/);
      assert.match(stdout, /sent in the query as k\\u\{1b\}\[2J/);
      assert.ok(!(stdout + stderr).includes('\u001b'));
    });
  });

  it('overwrites nothing', () =>
    inFolder({ 'in.json': PETS, 'specs/pets.yaml': 'mine' }, async (folder) => {
      const { code, stderr } = await runGenerator(['add', 'in.json'], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, /specs\/pets\.yaml is there already/);
      assert.deepEqual(contentsOf(join(folder, 'specs')), { 'pets.yaml': 'mine' });
    }));

  it('leaves nothing behind of a document that cannot be read', () =>
    inFolder({ 'in.json': '{"openapi":"3.1.0","info":{"title":"Pets"}}' }, async (folder) => {
      const { code, stderr } = await runGenerator(['add', 'in.json'], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, /error: .*paths.*\n {2}at .*in\.json/);
      assert.equal(existsSync(join(folder, 'specs')), false);
    }));

  it('brings the files that a document refers to, and leaves the rest of its folder alone', () =>
    inFolder(
      {
        ...SEVERAL,
        'api/notes.yaml': 'secret: 1\n',
      },
      async (folder) => {
        const { code, stderr } = await runGenerator(['add', 'api/pets.yaml'], { cwd: folder });
        assert.equal(code, 0, stderr);
        assert.deepEqual(Object.keys(contentsOf(join(folder, 'specs'))), [
          'pets/openapi.yaml',
          'pets/paths/pets.yaml',
          'pets/pets.yaml',
          'pets/provider.yaml',
        ]);
        const generated = await runGenerator(['generate', '--no-types'], { cwd: folder });
        assert.equal(generated.code, 0, generated.stderr);
        assert.match(readFileSync(join(folder, 'generated/providers/pets/descriptors.json'), 'utf8'), /"const":"Kit"/);
      },
    ));

  it('keeps the name of a document that has the right one already', () =>
    inFolder(
      {
        'api/openapi.yml': SEVERAL['api/pets.yaml'],
        'api/paths/pets.yaml': SEVERAL['api/paths/pets.yaml'].replace('../pets.yaml', '../openapi.yml'),
      },
      async (folder) => {
        const { code, stderr } = await runGenerator(['add', 'api/openapi.yml'], { cwd: folder });
        assert.equal(code, 0, stderr);
        assert.deepEqual(Object.keys(contentsOf(join(folder, 'specs/pets'))), [
          'openapi.yml',
          'paths/pets.yaml',
          'provider.yaml',
        ]);
      },
    ));

  it("leaves unsaid what the document's own x-tollgate says", () =>
    inFolder(
      { 'in.json': { ...PETS, 'x-tollgate': { title: 'Ours', pricing: { default: { model: 'free' } } } } },
      async (folder) => {
        const { code, stderr } = await runGenerator(['add', 'in.json', '--id', 'pets'], { cwd: folder });
        assert.equal(code, 0);
        assert.match(stderr, /the document brings x-tollgate settings of its own/);
        const generated = await runGenerator(['generate', '--no-types'], { cwd: folder });
        assert.doesNotMatch(generated.stderr, /settings-shadowed/);
        const { provider, endpoints } = JSON.parse(
          readFileSync(join(folder, 'generated/providers/pets/descriptors.json'), 'utf8'),
        ) as { provider: { title: string }; endpoints: { price: object }[] };
        assert.equal(provider.title, 'Ours');
        assert.deepEqual(endpoints[0]?.price, { model: 'free' });
      },
    ));

  it('refuses a document that refers out of its folder, and says which file', () =>
    inFolder(
      {
        'api/pets.json': { ...PETS, components: { schemas: { Pet: { $ref: '../other/pet.yaml' }, Filter: {} } } },
        'other/pet.yaml': 'type: object\n',
      },
      async (folder) => {
        const { code, stderr } = await runGenerator(['add', 'api/pets.json'], { cwd: folder });
        assert.equal(code, 1);
        assert.match(
          stderr,
          /refers to "\.\.\/other\/pet\.yaml", which is outside of its folder\n {2}at api\/pets\.json:1:\d+/,
        );
      },
    ));

  const WRONG: [name: string, args: string[], message: RegExp][] = [
    ['a file that is not there', ['nope.yaml'], /^error: nope\.yaml is not there: name the document itself, or a URL/],
    ['a folder', ['api'], /^error: api is a folder: name the document itself/],
    ['a web page', ['page.html'], /^error: page\.html is a web page, not an API document/],
    [
      'a folder for specs that is not there',
      ['in.json', '--specs', 'spcs'],
      /^error: the folder spcs is not there: create it, or correct --specs/,
    ],
  ];
  for (const [name, args, message] of WRONG) {
    it(`refuses ${name}, and writes nothing`, () =>
      inFolder({ 'in.json': PETS, 'page.html': '<!-- x --><html lang="en">' }, async (folder) => {
        mkdirSync(join(folder, 'api'));
        const { code, stderr } = await runGenerator(['add', ...args], { cwd: folder });
        assert.equal(code, 1);
        assert.match(stderr, message);
        assert.deepEqual(readdirSync(folder).sort(), ['api', 'in.json', 'page.html']);
      }));
  }

  it('refuses an id that is none', () =>
    inFolder({ 'in.json': PETS }, async (folder) => {
      const { code, stderr } = await runGenerator(['add', 'in.json', '--id', '../x'], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, /"\.\.\/x" cannot be a provider's id/);
    }));
});
