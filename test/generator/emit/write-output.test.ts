import assert from 'node:assert/strict';
import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outputChanges, writeOutput } from '../../../generator/emit/write-output.js';
import { contentsOf, inFolder } from '../a-folder.js';

const file = (name: string, text: string) => ({ file: name, text });

describe('writing the output', () => {
  it('makes the folder and everything in it', () =>
    inFolder({}, async (folder) => {
      const out = join(folder, 'deep', 'generated');
      await writeOutput(out, [file('catalogue.json', '{}'), file('providers/a/types.ts', 'x')], []);
      assert.deepEqual(contentsOf(out), { 'catalogue.json': '{}', 'providers/a/types.ts': 'x' });
      assert.deepEqual(readdirSync(join(folder, 'deep')), ['generated']);
    }));

  const NOWHERE: [what: string, out: (folder: string) => string, message: RegExp][] = [
    [
      'what is above it takes no folder, as /proc does',
      () => '/proc/tollgate/deep/generated',
      /^the folder \/proc\/tollgate cannot be made: what is above it takes no folder; name another place$/,
    ],
    [
      'a file is above it',
      (folder) => join(folder, 'file', 'deep', 'generated'),
      /^the folder \S+\/file\/deep cannot be made: what is above it is no folder; name another place$/,
    ],
    [
      'a file has the name of one above it',
      (folder) => join(folder, 'file', 'generated'),
      /^the folder \S+\/file cannot be made: something else has its name; name another place$/,
    ],
  ];
  for (const [what, out, message] of NOWHERE) {
    it(`says so where ${what}`, () =>
      inFolder({ file: '' }, async (folder) => {
        await assert.rejects(writeOutput(out(folder), [file('catalogue.json', '{}')], []), { message });
      }));
  }

  it('touches only what changed, and deletes what is gone', () =>
    inFolder(
      {
        'out/catalogue.json': 'old',
        'out/contract.ts': 'same',
        'out/providers/gone/descriptors.json': '{}',
        'out/providers/gone/types.ts': '',
      },
      async (folder) => {
        const out = join(folder, 'out');
        const before = statSync(join(out, 'contract.ts'), { bigint: true });
        const changes = await writeOutput(
          out,
          [file('catalogue.json', 'new'), file('contract.ts', 'same'), file('providers/a/types.ts', 'x')],
          [],
        );
        assert.deepEqual(changes, {
          added: ['providers/a/types.ts'],
          changed: ['catalogue.json'],
          removed: ['providers/gone/descriptors.json', 'providers/gone/types.ts'],
        });
        assert.deepEqual(contentsOf(out), {
          'catalogue.json': 'new',
          'contract.ts': 'same',
          'providers/a/types.ts': 'x',
        });
        assert.deepEqual(readdirSync(join(out, 'providers')), ['a']);
        const after = statSync(join(out, 'contract.ts'), { bigint: true });
        assert.equal(after.ino, before.ino);
        assert.equal(after.mtimeNs, before.mtimeNs);
      },
    ));

  it('leaves alone what it did not write and what is kept, and nothing else of a provider that is kept', () =>
    inFolder(
      {
        'out/README.md': 'mine',
        'out/providers/kept/types.ts': 'k',
        'out/providers/kept/endpoints.ts': 'of another generation',
        'out/providers/gone/notes.txt': 'mine',
      },
      async (folder) => {
        const out = join(folder, 'out');
        await writeOutput(out, [file('catalogue.json', '{}')], ['providers/kept/types.ts']);
        assert.deepEqual(contentsOf(out), {
          'README.md': 'mine',
          'catalogue.json': '{}',
          'providers/gone/notes.txt': 'mine',
          'providers/kept/types.ts': 'k',
        });
      },
    ));

  it('does not write a manifest that names what is not there', () =>
    inFolder({ 'out/catalogue.json': 'old' }, async (folder) => {
      const out = join(folder, 'out');
      await assert.rejects(
        writeOutput(out, [file('catalogue.json', '{}')], ['providers/kept/descriptors.json']),
        /kept.descriptors\.json is not there any more: generate all providers/,
      );
      assert.deepEqual(contentsOf(out), { 'catalogue.json': 'old' });
    }));

  it('leaves the folder as it was where writing fails', () =>
    inFolder({ 'out/catalogue.json': 'old' }, async (folder) => {
      const out = join(folder, 'out');
      // A file stands where a folder would have to be made.
      const files = [
        file('catalogue.json', 'new'),
        file('providers/a/types.ts', 'x'),
        file('providers/a/types.ts/x', ''),
      ];
      await assert.rejects(writeOutput(out, files, []));
      assert.deepEqual(contentsOf(out), { 'catalogue.json': 'old' });
      assert.deepEqual(readdirSync(folder), ['out']);
    }));

  it('finds nothing to do where nothing changed', () =>
    inFolder({ 'out/catalogue.json': '{}' }, async (folder) => {
      const out = join(folder, 'out');
      const none = { added: [], changed: [], removed: [] };
      assert.deepEqual(await outputChanges(out, [file('catalogue.json', '{}')], []), none);
      writeFileSync(join(out, 'catalogue.json'), '{ }');
      chmodSync(join(out, 'catalogue.json'), 0o644);
      assert.deepEqual(await outputChanges(out, [file('catalogue.json', '{}')], []), {
        ...none,
        changed: ['catalogue.json'],
      });
    }));
});
