/**
 * The command in this process, with what it prints kept: what it says of changes does not depend on the process that it
 * runs in, and a process a case takes long to start.
 */

import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateCommand, type GenerateFlags } from '../../../generator/cli/generate-command.js';
import type { Report } from '../../../generator/report/report.js';
import { PETS } from '../a-document.js';
import { contentsOf, inFolder } from '../a-folder.js';

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(folder: string, flags: Partial<GenerateFlags> = {}, env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const printed = { log: '', error: '' };
  const { log, error } = console;
  const before = { ...process.env };
  console.log = (text: string) => (printed.log += `${text}\n`);
  console.error = (text: string) => (printed.error += `${text}\n`);
  Object.assign(process.env, { GITHUB_ACTIONS: 'false' }, env);
  try {
    const [specs, out] = [join(folder, 'specs'), join(folder, 'generated')];
    const code = await generateCommand({ specs, out, types: false, reuse: true, ...flags });
    return { code, stdout: printed.log, stderr: printed.error };
  } finally {
    Object.assign(console, { log, error });
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

interface Document {
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
}

/** The pets with a change, as text. */
function changed(change: (document: Document) => void): string {
  const document = structuredClone(PETS) as unknown as Document;
  change(document);
  return JSON.stringify(document, undefined, 2);
}

const FREE = 'pricing: { default: { model: free } }\n';
const SPECS = { 'specs/pets/openapi.json': PETS, 'specs/pets/provider.yaml': FREE };

describe('a check', function () {
  this.timeout(60_000);

  const CASES: readonly [name: string, change: (folder: string) => void, code: number, class_: string | null][] = [
    ['nothing changed', () => undefined, 0, null],
    [
      'a byte was changed by hand',
      (folder) => appendFileSync(join(folder, 'generated/catalogue.json'), ' '),
      1,
      'safe',
    ],
    ['a file is missing', (folder) => rmSync(join(folder, 'generated/contract.ts')), 1, 'safe'],
    ['words changed', document((pets) => Object.assign(pets.paths['/pets']!.get!, { summary: 'All pets' })), 1, 'safe'],
    [
      'a price changed',
      (folder) =>
        writeFileSync(join(folder, 'specs/pets/provider.yaml'), FREE.replace('free', 'per_call, amount: "0.01"')),
      3,
      'priced',
    ],
    [
      'a price changed and an endpoint is gone',
      (folder) => {
        rmSync(join(folder, 'specs/pets/provider.yaml'));
        document((pets) => delete pets.paths['/pets']!.post)(folder);
      },
      4,
      'breaking',
    ],
    [
      'the committed descriptors are no JSON any more',
      (folder) => writeFileSync(join(folder, 'generated/providers/pets/descriptors.json'), '<<<<<<< HEAD'),
      4,
      'breaking',
    ],
    [
      'the committed descriptors are of another shape',
      (folder) => writeFileSync(join(folder, 'generated/providers/pets/descriptors.json'), '{"endpoints":[{}]}'),
      4,
      'breaking',
    ],
    ['the provider is gone', (folder) => rmSync(join(folder, 'specs/pets'), { recursive: true }), 4, 'breaking'],
    ['a document is refused', (folder) => writeFileSync(join(folder, 'specs/pets/openapi.json'), '{'), 5, 'safe'],
  ];
  function document(change: (pets: Document) => void): (folder: string) => void {
    return (folder) => writeFileSync(join(folder, 'specs/pets/openapi.json'), changed(change));
  }
  for (const [name, change, code, class_] of CASES) {
    it(`answers ${String(code)} where ${name}, and writes nothing`, () =>
      inFolder(SPECS, async (folder) => {
        await run(folder);
        change(folder);
        const before = contentsOf(folder);
        const found = await run(folder, { check: true, json: true });
        assert.equal(found.code, code, found.stderr);
        assert.equal((JSON.parse(found.stdout) as { changes: { class: unknown } }).changes.class, class_);
        assert.deepEqual(contentsOf(folder), before);
      }));
  }

  it('says which files and endpoints differ, and what that means, on the terminal and as JSON', () =>
    inFolder(SPECS, async (folder) => {
      await run(folder);
      const text = changed((pets) => {
        Object.assign(pets.paths['/pets']!.get!, { summary: 'List all pets' });
        pets.paths['/owners'] = { get: { operationId: 'listOwners', responses: { 200: { description: 'ok' } } } };
        delete pets.paths['/pets/{petId}/photo'];
      });
      writeFileSync(join(folder, 'specs/pets/openapi.json'), text);
      const { stdout, stderr } = await run(folder, {
        check: true,
        json: true,
        report: join(folder, 'new/report.json'),
      });
      const lines = stderr.split('\n');
      assert.deepEqual(lines.slice(lines.indexOf('changed  catalogue.json'), -2), [
        'changed  catalogue.json',
        'changed  manifest.json',
        'changed  providers/pets/descriptors.json',
        'pets:',
        '  added    pets/list-owners',
        '  changed  pets/list-pets',
        '  removed  pets/delete',
        'breaking (1)',
        '  pets/delete: PUT /pets/{petId}/photo cannot be called any more',
        'safe (2)',
        '  pets/list-pets: titles, descriptions or examples are others',
        '  pets/list-owners: GET /owners can be called',
      ]);
      const report = JSON.parse(readFileSync(join(folder, 'new/report.json'), 'utf8')) as Report & { changes: unknown };
      assert.deepEqual(report, JSON.parse(stdout));
      assert.deepEqual(report.changes, {
        added: [],
        changed: ['catalogue.json', 'manifest.json', 'providers/pets/descriptors.json'],
        removed: [],
        class: 'breaking',
        providers: [
          { provider: 'pets', added: ['pets/list-owners'], removed: ['pets/delete'], changed: ['pets/list-pets'] },
        ],
        rows: [
          {
            endpoint: 'pets/delete',
            place: '',
            kind: 'endpoint-removed',
            class: 'breaking',
            message: 'PUT /pets/{petId}/photo cannot be called any more',
          },
          {
            endpoint: 'pets/list-pets',
            place: '',
            kind: 'text-changed',
            class: 'safe',
            message: 'titles, descriptions or examples are others',
          },
          {
            endpoint: 'pets/list-owners',
            place: '',
            kind: 'endpoint-added',
            class: 'safe',
            message: 'GET /owners can be called',
          },
        ],
      });
    }));

  it('trusts nothing that an earlier run remembers', () =>
    inFolder(SPECS, async (folder) => {
      await run(folder);
      // As if another version of the generator had made it: the digests of all files fit together, the content is wrong.
      const report = await run(folder, { check: true, json: true });
      assert.equal((JSON.parse(report.stdout) as Report).reused, 0);
      assert.equal((JSON.parse((await run(folder, { json: true })).stdout) as Report).reused, 1);
      assert.equal((JSON.parse((await run(folder, { json: true, reuse: false })).stdout) as Report).reused, 0);
    }));

  it('marks breaks, prices and refusals on the files of a pull request', () =>
    inFolder({ ...SPECS, 'specs/bad.json': PETS }, async (folder) => {
      await run(folder);
      const text = changed((pets) => {
        Object.assign(pets.paths['/pets']!.get!, { operationId: 'listPets', parameters: [] });
        delete pets.paths['/pets']!.post;
      });
      writeFileSync(join(folder, 'specs/pets/openapi.json'), text);
      writeFileSync(
        join(folder, 'specs/pets/provider.yaml'),
        'pricing: { default: { model: per_call, amount: "1" } }\n',
      );
      writeFileSync(join(folder, 'specs/bad.json'), '{"openapi": "3.1.0"}');
      const { stderr } = await run(folder, { check: true }, { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: folder });
      const lines = stderr.trimEnd().split('\n');
      const token = /^::stop-commands::([0-9a-f-]{36})$/.exec(lines[0] ?? '')?.[1] ?? 'none';
      const end = lines.indexOf(`::${token}::`);
      assert.notEqual(end, -1);
      const line = text.split('\n').findIndex((each) => each.includes('"get"')) + 1;
      const marks = lines.slice(end + 1);
      assert.match(marks[0] ?? '', /^::error file=specs\/bad\.json,line=1,col=1,title=refused%3A bad::/);
      assert.match(
        marks[1] ?? '',
        /^::error file=specs\/pets\/openapi\.json,line=1,col=1,title=breaking%3A pets\/create-pet::POST \/pets cannot/,
      );
      assert.match(
        marks[2] ?? '',
        new RegExp(
          `^::error file=specs/pets/openapi\\.json,line=${String(line)},col=\\d+,title=breaking%3A pets/list-pets::/arguments/`,
        ),
      );
      assert.ok(
        marks.some((each) => each.startsWith('::warning ') && each.endsWith('::free before, 1 USDC a call now')),
        marks.join('\n'),
      );
    }));

  it('is not led by what a document says to print a line or a mark of its own', () =>
    inFolder(SPECS, async (folder) => {
      await run(folder);
      const name = '\n::error title=forged::forged\n##[error]forged\u001b[2J';
      const text = changed((pets) =>
        Object.assign(pets.paths['/pets']!.get!, {
          parameters: [{ name, in: 'query', required: true, schema: { type: 'string' } }],
        }),
      );
      writeFileSync(join(folder, 'specs/pets/openapi.json'), text);
      const { stderr, stdout } = await run(folder, { check: true, json: true }, { GITHUB_ACTIONS: 'true' });
      assert.match(stderr, /forged/);
      assert.doesNotMatch(stderr, /^::error title=forged/m);
      assert.doesNotMatch(`${stderr}${stdout}`, /##\[/);
      // eslint-disable-next-line no-control-regex -- control characters are what is looked for
      assert.doesNotMatch(`${stderr}${stdout}`, /\u001b/);
    }));

  it('refuses to keep providers with types beside one without', () =>
    inFolder({ 'specs/a.json': PETS, 'specs/b.json': PETS }, async (folder) => {
      await run(folder, { types: true });
      const before = contentsOf(join(folder, 'generated'));
      await assert.rejects(
        run(folder, { only: ['a'] }),
        /has types of b: leave out --no-types, or run generate without --only/,
      );
      await run(folder);
      await assert.rejects(run(folder, { only: ['a'], types: true }), /has no types of b: add --no-types/);
      await run(folder, { types: true });
      assert.deepEqual(contentsOf(join(folder, 'generated')), before);
    }));

  it('refuses to keep providers of a catalogue that is not as it was written', () =>
    inFolder({ 'specs/a.json': PETS, 'specs/b.json': PETS }, async (folder) => {
      await run(folder);
      appendFileSync(join(folder, 'generated/catalogue.json'), ' ');
      await assert.rejects(run(folder, { only: ['a'] }), /is not what its manifest names: run generate without --only/);
    }));
});
