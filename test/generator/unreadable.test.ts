import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { runInThreads } from '../../generator/cli/run-in-threads.js';
import { writeOutput } from '../../generator/emit/write-output.js';
import { generate, type Generation, type ProviderOptions } from '../../generator/generate.js';
import { Reuse } from '../../generator/reuse/reuse.js';
import { PETS, petsReferringTo } from './a-document.js';
import { inFolder } from './a-folder.js';
import { asOrdinaryUser } from './as-ordinary-user.js';

const OPTIONS: ProviderOptions = { allowRemoteRefs: false, types: false };
const REFERRING = petsReferringTo('pet.json');
const SPECS = {
  'specs/good.json': PETS,
  'specs/closed.json': PETS,
  'specs/folder/openapi.json': PETS,
  'specs/listed/openapi.json': PETS,
  'specs/nested/openapi.json': PETS,
  'specs/nested/unused/pet.json': {},
  'specs/overlaid/openapi.json': PETS,
  'specs/overlaid/overlay.yaml':
    'overlay: 1.0.0\ninfo: { title: Pets, version: 1.0.0 }\nactions: [{ target: $.info, update: { title: Pets } }]\n',
  'specs/referring/openapi.json': REFERRING,
  'specs/referring/pet.json': { type: 'object' },
  'specs/settled/openapi.json': PETS,
  'specs/settled/provider.yaml': 'title: Pets\n',
};
/** What is closed, and how; `listed` shows the names of its files, and nothing of them. No one needs what is in `unused`. */
const CLOSED = {
  'closed.json': 0o000,
  folder: 0o000,
  listed: 0o644,
  'nested/unused': 0o000,
  'overlaid/overlay.yaml': 0o000,
  'referring/pet.json': 0o000,
  'settled/provider.yaml': 0o000,
};

/** As the command does with --keep-going. */
async function run(folder: string, jobs?: number): Promise<Generation> {
  const [specsDir, out] = [join(folder, 'specs'), join(folder, 'out')];
  const reuse = (await Reuse.open(out, OPTIONS))!;
  const generation = await generate({
    ...OPTIONS,
    specsDir,
    reusable: (sources) => reuse.reusable(sources),
    ...(jobs !== undefined && { runAll: runInThreads(jobs) }),
  });
  await writeOutput(out, generation.files, generation.kept);
  await reuse.remember(generation, specsDir);
  return generation;
}

const refusals = ({ refused }: Generation) =>
  refused
    .map(({ provider, file, rule, message }) => [provider, file, rule, message])
    .sort(([left], [right]) => (left! < right! ? -1 : 1));

describe('what this user may not read', function () {
  this.timeout(60_000);

  const WANT = [
    ['closed', 'closed.json', 'unreadable-file', 'this user may not read the file'],
    ['folder', 'folder', 'unreadable-file', 'this user may not read the folder folder/'],
    ['listed', 'listed/openapi.json', 'unreadable-file', 'this user may not read the file'],
    ['overlaid', 'overlaid/overlay.yaml', 'unreadable-file', 'this user may not read the file'],
    ['referring', 'referring/openapi.json', 'unreadable-file', 'refers to "pet.json", which this user may not read'],
    ['settled', 'settled/provider.yaml', 'unreadable-file', 'this user may not read the file'],
  ];
  const REMEDY = 'let this user read it, for example with chmod u+r, or u+rx where it is a folder';

  it('is refused with a remedy, at the first time and where it was read before, and the others are generated', () =>
    inFolder(SPECS, async (folder) => {
      chmodSync(folder, 0o777);
      const before = await asOrdinaryUser(() => run(folder));
      assert.deepEqual([refusals(before), before.providers], [[], 8]);

      for (const [path, mode] of Object.entries(CLOSED)) chmodSync(join(folder, 'specs', path), mode);
      try {
        const closed = await asOrdinaryUser(() => run(folder));
        assert.deepEqual([refusals(closed), closed.providers], [WANT, 2]);
        assert.deepEqual([...new Set(closed.refused.map(({ remedy }) => remedy))], [REMEDY]);
        const again = await asOrdinaryUser(() => run(folder, 2));
        assert.deepEqual([refusals(again), again.providers], [WANT, 2]);
      } finally {
        for (const path of Object.keys(CLOSED)) chmodSync(join(folder, 'specs', path), 0o755);
      }
      const after = await asOrdinaryUser(() => run(folder));
      assert.deepEqual([refusals(after), after.providers], [[], 8]);
    }));
});
