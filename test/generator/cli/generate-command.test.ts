import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Report } from '../../../generator/report/report.js';
import { contentsOf, inFolder } from '../a-folder.js';
import { HOSTILE, PETS } from '../a-document.js';
import { runGenerator } from './run-generator.js';

const SPECS = { 'specs/pets.json': PETS, 'specs/hostile/openapi.json': HOSTILE, 'specs/hostile/provider.yaml': '' };

describe('the command generate', function () {
  // Each case starts processes that compile the generator from its sources first.
  this.timeout(600_000);

  it('writes the same bytes whatever the folder, the order of its files, time zone, locale and number of threads', () =>
    inFolder(SPECS, (one) =>
      inFolder(Object.fromEntries(Object.entries(SPECS).reverse()), async (two) => {
        const here = await runGenerator(['generate'], { cwd: one, env: { TZ: 'UTC', LC_ALL: 'C', LANG: 'C' } });
        assert.equal(here.code, 0, here.stderr);
        const there = await runGenerator(
          ['generate', '--specs', join(two, 'specs'), '--out', join(two, 'out'), '--jobs', '2'],
          { env: { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' } },
        );
        assert.equal(there.code, 0, there.stderr);
        const written = contentsOf(join(one, 'generated'));
        assert.equal(Object.keys(written).length, 9);
        assert.deepEqual(contentsOf(join(two, 'out')), written);
        for (const [file, text] of Object.entries(written)) assert.equal(text.includes(one), false, file);
      }),
    ));

  it('finds a byte that was changed by hand, and a file that is missing', () =>
    inFolder({ 'specs/pets.json': PETS }, async (folder) => {
      await runGenerator(['generate', '--no-types'], { cwd: folder });
      appendFileSync(join(folder, 'generated/catalogue.json'), ' ');
      rmSync(join(folder, 'generated/contract.ts'));
      const { code, stderr } = await runGenerator(['generate', '--check', '--no-types'], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, /added {4}contract\.ts\nchanged {2}catalogue\.json\n/);
    }));

  it('reports every refusal with its place and remedy, writes nothing, and exits 1', () =>
    inFolder(
      {
        'specs/good.json': PETS,
        'specs/bad/openapi.json': PETS,
        'specs/bad/provider.yaml': 'title: Bad\npricing:\n  default: { model: per_call, amount: 0.1 }\n',
        'specs/worse.yaml': 'openapi: 3.1.0\n',
      },
      async (folder) => {
        const { code, stderr, stdout } = await runGenerator(['generate', '--report', 'report.json', '--no-types'], {
          cwd: folder,
        });
        assert.equal(code, 1);
        assert.equal(stdout, '');
        assert.match(
          stderr,
          /refused bad: provider\.yaml: pricing\.default\.amount is the number 0\.1\n {2}at bad\/provider\.yaml:3:39 #\/pricing\/default\/amount \[settings-value\]\n {2}→ write it in quotes: "0\.1"/,
        );
        assert.match(stderr, /refused worse: /);
        assert.match(stderr, /nothing was written/);
        assert.deepEqual(
          Object.keys(contentsOf(folder)).filter((file) => file.startsWith('generated')),
          [],
        );
        const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
        assert.deepEqual(Object.keys(report), [
          'documents',
          'providers',
          'operations',
          'endpoints',
          'refused',
          'losses',
          'warnings',
          'seconds',
          'slowest',
          'peakRssMb',
          'reused',
        ]);
        assert.deepEqual(
          report.refused.map(({ document, pointer, rule }) => [document, pointer, rule]),
          [
            ['bad/provider.yaml', '/pricing/default/amount', 'settings-value'],
            ['worse.yaml', report.refused[1]?.pointer, report.refused[1]?.rule],
          ],
        );

        const going = await runGenerator(['generate', '--keep-going', '--no-types', '--json'], { cwd: folder });
        assert.equal(going.code, 0, going.stderr);
        assert.deepEqual(Object.keys(contentsOf(join(folder, 'generated/providers'))), ['good/descriptors.json']);
        assert.equal((JSON.parse(going.stdout) as Report).refused.length, 2);
      },
    ));

  it('says where no folder can be made for its output or its report, and exits 1', () =>
    inFolder({ 'specs/pets.json': PETS }, async (folder) => {
      for (const flags of [
        ['--out', '/proc/tollgate/out'],
        ['--report', '/proc/tollgate/report.json'],
      ]) {
        const { code, stderr } = await runGenerator(['generate', '--no-types', ...flags], { cwd: folder });
        assert.equal(code, 1);
        assert.match(stderr, /error: the folder \/proc\/tollgate cannot be made: .*; name another place$/m);
      }
    }));

  it('keeps what it wrote before where a provider is refused later', () =>
    inFolder({ 'specs/pets.json': PETS }, async (folder) => {
      await runGenerator(['generate', '--no-types'], { cwd: folder });
      const before = contentsOf(join(folder, 'generated'));
      writeFileSync(join(folder, 'specs/pets.json'), '{');
      assert.equal((await runGenerator(['generate', '--no-types'], { cwd: folder })).code, 1);
      assert.deepEqual(contentsOf(join(folder, 'generated')), before);
    }));

  it('regenerates only the providers named, and deletes those that are gone when all are', () =>
    inFolder({ 'specs/a.json': PETS, 'specs/b.json': PETS }, async (folder) => {
      const run = (...args: string[]) => runGenerator(['generate', '--no-types', ...args], { cwd: folder });
      await run();
      const renamed = JSON.stringify({ ...PETS, info: { ...PETS.info, title: 'Renamed' } });
      writeFileSync(join(folder, 'specs/a.json'), renamed);
      writeFileSync(join(folder, 'specs/b.json'), renamed);
      assert.equal((await run('--only', 'b')).code, 0);
      const after = contentsOf(join(folder, 'generated'));
      assert.equal(after['providers/a/descriptors.json']?.includes('Renamed'), false);
      assert.equal(after['providers/b/descriptors.json']?.includes('Renamed'), true);
      assert.equal((await run('--only', 'b', '--check')).code, 0);
      rmSync(join(folder, 'specs/b.json'));
      assert.equal((await run()).code, 0);
      assert.deepEqual(Object.keys(contentsOf(join(folder, 'generated/providers'))), ['a/descriptors.json']);
    }));

  it('follows no reference to the network or out of the folder', () =>
    inFolder({ 'secret.json': '{"type":"string"}' }, async (folder) => {
      for (const [name, reference] of [
        ['remote', 'http://127.0.0.1:9/x.json'],
        ['outside', '../../secret.json'],
      ] as const) {
        const document = structuredClone(PETS) as { components: { schemas: Record<string, unknown> } };
        document.components.schemas.Filter = { $ref: reference };
        mkdirSync(join(folder, 'specs', name), { recursive: true });
        writeFileSync(join(folder, 'specs', name, 'openapi.json'), JSON.stringify(document));
      }
      const { code, stderr } = await runGenerator(['generate', '--no-types'], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, /\[remote-ref\]/);
      assert.match(stderr, /\[ref-outside-folder\]/);
    }));

  const WRONG: [name: string, args: string[], code: number, message: RegExp][] = [
    ['an unknown option', ['generate', '--nope'], 2, /unknown option '--nope'/],
    ['an unknown command', ['generat'], 2, /unknown command 'generat'/],
    ['a number of jobs that is none', ['generate', '--jobs', 'many'], 2, /write a whole number from 1 to 256/],
    ['no command', [], 2, /Usage/],
    ['no document to add', ['add'], 2, /missing required argument/],
    ['a folder that is not there', ['generate', '--specs', 'nowhere'], 1, /nowhere is no folder: name the folder/],
    ['an output among the documents', ['generate', '--out', 'specs/generated'], 1, /specs\/generated is in specs, the/],
    ['an output in place of the documents', ['generate', '--out', 'specs'], 1, /specs is in specs, the folder of/],
    ['a check of a folder that is not there', ['generate', '--check', '--specs', 'nowhere'], 6, /nowhere is no folder/],
    ['a provider that is not there', ['generate', '--only', 'nobody'], 1, /run generate without --only first/],
  ];
  for (const [name, args, code, message] of WRONG) {
    it(`exits ${String(code)} on ${name}`, () =>
      inFolder({ 'specs/pets.json': PETS }, async (folder) => {
        const run = await runGenerator(args, { cwd: folder });
        assert.equal(run.code, code, run.stderr);
        assert.match(run.stderr, message);
        assert.equal(run.stdout, '');
        assert.deepEqual(Object.keys(contentsOf(folder)), ['specs/pets.json']);
      }));
  }

  for (const args of [['--help'], ['generate', '--help'], ['add', '--help'], ['import', 'apis-guru', '--help']]) {
    it(`prints its usage with ${args.join(' ')}`, async () => {
      const { code, stdout } = await runGenerator(args);
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: tollgate/);
    });
  }
});
