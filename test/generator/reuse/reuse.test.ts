import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeOutput } from '../../../generator/emit/write-output.js';
import { generate, type Generation, type ProviderOptions } from '../../../generator/generate.js';
import { readReuseFile, reuseFileOf, writeReuseFile } from '../../../generator/reuse/reuse-file.js';
import { Reuse } from '../../../generator/reuse/reuse.js';
import { PETS, petsReferringTo } from '../a-document.js';
import { contentsOf, inFolder } from '../a-folder.js';

const PLAIN: ProviderOptions = { allowRemoteRefs: false, types: false };
const SHARED = petsReferringTo('shared/pet.json');
const SPECS = {
  'specs/alone.json': PETS,
  'specs/folder/openapi.json': SHARED,
  'specs/folder/shared/pet.json': { type: 'object', properties: { name: { type: 'string' } } },
  'specs/folder/provider.yaml': 'pricing: { default: { model: free } }\n',
  'specs/refused.json': { openapi: '3.1.0' },
};

/** A run of the command as it is without `--check`, in this process; which providers it generated comes with it. */
async function run(folder: string, options: ProviderOptions = PLAIN): Promise<Generation & { ran: readonly string[] }> {
  const [specsDir, out] = [join(folder, 'specs'), join(folder, 'out')];
  const reuse = await Reuse.open(out, options);
  const generation = await generate({
    ...options,
    specsDir,
    ...(reuse && { reusable: (sources) => reuse.reusable(sources) }),
  });
  await writeOutput(out, generation.files, generation.kept);
  await reuse?.remember(generation, specsDir);
  return { ...generation, ran: generation.results.map((result) => result.provider) };
}

/** Everything that a run says and writes, but for how long it took. */
function whole(folder: string, { documents, providers, operations, endpoints, refused, losses, warnings }: Generation) {
  return {
    documents,
    providers,
    operations,
    endpoints,
    refused,
    losses,
    warnings,
    out: contentsOf(join(folder, 'out')),
  };
}

describe('the reuse of providers', function () {
  this.timeout(60_000);

  it('generates nothing again where nothing changed, and says and writes the same', () =>
    inFolder(SPECS, async (folder) => {
      const first = await run(folder);
      assert.deepEqual(first.ran, ['alone', 'folder', 'refused']);
      const before = whole(folder, first);
      assert.equal(before.refused.length, 1);
      assert.notEqual(before.warnings.length, 0);
      const again = await run(folder);
      assert.deepEqual(again.ran.filter(isAdmitted), []);
      assert.deepEqual(whole(folder, again), before);
    }));

  const CHANGES: readonly [name: string, change: (folder: string) => void, ran: readonly string[]][] = [
    ['a document', (folder) => edit(join(folder, 'specs/alone.json'), 'Pets', 'Pats'), ['alone']],
    [
      'a file that a document refers to',
      (folder) => edit(join(folder, 'specs/folder/shared/pet.json'), 'name', 'kind'),
      ['folder'],
    ],
    ['the settings', (folder) => edit(join(folder, 'specs/folder/provider.yaml'), 'free', 'free '), ['folder']],
    ['settings that come', (folder) => add(join(folder, 'specs/folder/overlay.yaml'), OVERLAY), ['folder']],
    ['settings that are gone', (folder) => rmSync(join(folder, 'specs/folder/provider.yaml')), ['folder']],
    [
      'a file beside that nothing refers to',
      (folder) => add(join(folder, 'specs/folder/shared/more.json'), '{}'),
      ['folder'],
    ],
    [
      'a link, behind which anything may change',
      (folder) => symlinkSync(join(folder, 'specs/folder/shared/pet.json'), join(folder, 'specs/folder/link.json')),
      ['folder'],
    ],
    [
      'a generated file',
      (folder) => edit(join(folder, 'out/providers/alone/descriptors.json'), 'Pet', 'Pat'),
      ['alone'],
    ],
    [
      'a generated file that is gone',
      (folder) => rmSync(join(folder, 'out/providers/folder/descriptors.json')),
      ['folder'],
    ],
    ['the catalogue', (folder) => edit(join(folder, 'out/catalogue.json'), 'Pet', 'Pat'), ['alone', 'folder']],
    [
      'the manifest',
      (folder) => edit(join(folder, 'out/manifest.json'), '"endpoints":3', '"endpoints":4'),
      ['alone', 'folder'],
    ],
    ['what it remembers, cut short', (folder) => add(reuseFileOf(join(folder, 'out')), '{"key":'), ['alone', 'folder']],
    [
      'the version of the generator',
      (folder) => edit(reuseFileOf(join(folder, 'out')), '{"key":"', '{"key":"0'),
      ['alone', 'folder'],
    ],
    ['the time of a file alone', (folder) => utimesSync(join(folder, 'specs/alone.json'), 1, 1), []],
    ['a new document', (folder) => add(join(folder, 'specs/new.json'), JSON.stringify(PETS)), ['new']],
  ];
  for (const [name, change, ran] of CHANGES) {
    it(`generates ${ran.length === 0 ? 'nothing' : ran.join(' and ')} again after a change of ${name}`, () =>
      inFolder(SPECS, async (folder) => {
        await run(folder);
        change(folder);
        const after = await run(folder);
        assert.deepEqual(after.ran.filter(isAdmitted), ran);
        const reused = whole(folder, after);
        rmSync(reuseFileOf(join(folder, 'out')));
        rmSync(join(folder, 'out'), { recursive: true });
        assert.deepEqual(whole(folder, await run(folder)), reused);
      }));
  }

  it('keeps types and no types apart', () =>
    inFolder({ 'specs/alone.json': PETS }, async (folder) => {
      await run(folder);
      assert.deepEqual((await run(folder, { ...PLAIN, types: true })).ran, ['alone']);
      assert.deepEqual(Object.keys(contentsOf(join(folder, 'out/providers'))).sort(), [
        'alone/descriptors.json',
        'alone/endpoints.ts',
        'alone/types.ts',
      ]);
      assert.deepEqual((await run(folder)).ran, ['alone']);
      assert.deepEqual(Object.keys(contentsOf(join(folder, 'out/providers'))), ['alone/descriptors.json']);
    }));

  it('reuses and remembers nothing where the network is asked', () =>
    inFolder({ 'specs/alone.json': PETS }, async (folder) => {
      await run(folder, { ...PLAIN, allowRemoteRefs: true });
      assert.equal(existsSync(reuseFileOf(join(folder, 'out'))), false);
      await run(folder);
      assert.deepEqual((await run(folder, { ...PLAIN, allowRemoteRefs: true })).ran, ['alone']);
    }));

  it('is remembered whole by generations that end at the same time', () =>
    inFolder({}, async (folder) => {
      const out = join(folder, 'out');
      const records = new Map([['alone', { provider: 'alone', sources: [], outputs: [], ...NOTHING_FOUND }]]);
      await Promise.all(Array.from({ length: 8 }, () => writeReuseFile(out, 'key', { outputs: [], records })));
      assert.deepEqual((await readReuseFile(out, 'key'))?.records, records);
      assert.deepEqual(readdirSync(folder), ['.out.reuse.jsonl']);
    }));

  it('drops the files of a provider that is gone, without generating the others', () =>
    inFolder(SPECS, async (folder) => {
      await run(folder);
      rmSync(join(folder, 'specs/alone.json'));
      const after = await run(folder);
      assert.equal(after.ran.includes('folder'), false);
      assert.deepEqual(Object.keys(contentsOf(join(folder, 'out/providers'))), ['folder/descriptors.json']);
      assert.equal(readFileSync(join(folder, 'out/catalogue.json'), 'utf8').includes('alone'), false);
    }));
});

const NOTHING_FOUND = { operations: 0, refused: [], losses: [], warnings: [] };

const OVERLAY =
  'overlay: 1.0.0\ninfo: { title: o, version: "1" }\nactions: [{ target: $.info, update: { title: Over } }]\n';

/** A document that is refused while it is fresh may not be remembered, which costs another look and no more. */
function isAdmitted(provider: string): boolean {
  return provider !== 'refused';
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  assert.ok(text.includes(from), `${file} has no ${from}`);
  writeFileSync(file, text.replace(from, to));
}

function add(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}
