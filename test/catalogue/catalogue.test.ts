import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { CatalogueError } from '../../runtime/catalogue/catalogue-error.js';
import { Catalogue } from '../../runtime/catalogue/catalogue.js';
import { ProviderFiles } from '../../runtime/catalogue/provider-files.js';
import { SearchIndex } from '../../runtime/discovery/search-index.js';
import { writeCatalogue, type CatalogueOnDisk } from './a-catalogue.js';

const REMEDY = 'make the catalogue anew with `npm run generate`';

describe('the catalogue', () => {
  let disk: CatalogueOnDisk;
  beforeEach(() => {
    disk = writeCatalogue(['one', 'two']);
  });
  afterEach(() => disk.remove());

  const faultOf = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
    } catch (error) {
      if (error instanceof CatalogueError) return error.message;
      throw error;
    }
    return 'none';
  };

  it('is read whole where it is whole', async () => {
    const catalogue = await Catalogue.open(disk.dir);
    assert.deepEqual([...catalogue.providers.keys()], ['one', 'two']);
    assert.deepEqual(
      catalogue.entries.map((entry) => entry.id),
      ['one/get', 'two/get'],
    );
    assert.equal(catalogue.digest, disk.manifest.catalogueDigest);
    const endpoint = await catalogue.endpoint('two/get');
    assert.deepEqual([endpoint!.descriptor.id, endpoint!.provider.id], ['two/get', 'two']);
  });

  it('knows nothing of other ids, whatever they look like', async () => {
    const catalogue = await Catalogue.open(disk.dir);
    for (const id of ['one/other', 'one', '', '/', 'three/get', '__proto__', 'one/__proto__', '../one/get']) {
      assert.equal(await catalogue.endpoint(id), undefined, id);
    }
  });

  const AT_START: readonly (readonly [name: string, spoil: (disk: CatalogueOnDisk) => void, want: string])[] = [
    [
      'the manifest is missing',
      ({ dir }) => rmSync(join(dir, 'manifest.json')),
      'manifest.json cannot be read (ENOENT)',
    ],
    [
      'catalogue.json is missing',
      ({ dir }) => rmSync(join(dir, 'catalogue.json')),
      'catalogue.json cannot be read (ENOENT)',
    ],
    ['there is no such folder', ({ dir }) => rmSync(dir, { recursive: true }), 'manifest.json cannot be read (ENOENT)'],
    [
      'the manifest is null',
      ({ write }) => write('manifest.json', 'null'),
      'manifest.json is no manifest of a catalogue',
    ],
    [
      'the manifest is a list',
      ({ write }) => write('manifest.json', '[]'),
      'manifest.json is no manifest of a catalogue',
    ],
    [
      'it was written for a later gateway',
      ({ write, manifest }) => write('manifest.json', JSON.stringify({ ...manifest, format: 2 })),
      'manifest.json has format 2, and this gateway reads 1',
    ],
    [
      'a digest in the manifest was edited',
      ({ write, manifest }) => write('manifest.json', JSON.stringify({ ...manifest, catalogue: '0'.repeat(64) })),
      'manifest.json was edited (its catalogueDigest is not that of the files that it names)',
    ],
    [
      'catalogue.json was edited',
      ({ write }) => write('catalogue.json', '{"format":1,"providers":[],"endpoints":[]}'),
      'catalogue.json is not the file that the manifest names (its SHA-256 differs)',
    ],
  ];
  for (const [name, spoil, want] of AT_START) {
    it(`refuses to open where ${name}, with the file, the fault and the remedy`, async () => {
      spoil(disk);
      assert.equal(await faultOf(Catalogue.open(disk.dir)), `${join(disk.dir, want)}; ${REMEDY}`);
    });
  }

  it("reads a provider's file on the first use of one of its endpoints, and no other's", async () => {
    disk.write('providers/one/descriptors.json', 'broken');
    const catalogue = await Catalogue.open(disk.dir);
    assert.equal((await catalogue.endpoint('two/get'))!.descriptor.id, 'two/get');
    assert.equal(
      await faultOf(catalogue.endpoint('one/get')),
      `${join(disk.dir, 'providers/one/descriptors.json')} is not the file that the manifest names (its SHA-256 differs); ${REMEDY}`,
    );
  });

  it("reads a provider's file once", async () => {
    const catalogue = await Catalogue.open(disk.dir);
    const first = await catalogue.endpoint('one/get');
    disk.write('providers/one/descriptors.json', 'broken');
    assert.equal((await catalogue.endpoint('one/get'))!.descriptor, first!.descriptor);
  });

  it('says where a file that is cut off stops being JSON', async () => {
    disk.write('manifest.json', '{"format":1,');
    const fault = await faultOf(Catalogue.open(disk.dir));
    assert.ok(fault.startsWith(`${join(disk.dir, 'manifest.json')} is not JSON (`), fault);
    assert.ok(fault.endsWith(`; ${REMEDY}`), fault);
  });

  it('tries a file that could not be read again', async () => {
    const file = 'providers/one/descriptors.json';
    const whole = readFileSync(join(disk.dir, file), 'utf8');
    const catalogue = await Catalogue.open(disk.dir);
    rmSync(join(disk.dir, file));
    assert.match(await faultOf(catalogue.endpoint('one/get')), /cannot be read \(ENOENT\)/);
    disk.write(file, whole);
    assert.equal((await catalogue.endpoint('one/get'))!.descriptor.id, 'one/get');
  });

  it('says where the list of endpoints is shorter than it says', async () => {
    const { dir, manifest, write } = disk;
    const text = readFileSync(join(dir, 'catalogue.json'), 'utf8').replace('"endpoints":1', '"endpoints":9');
    const sha256 = (of: string) => createHash('sha256').update(of).digest('hex');
    const digests = manifest.providers.flatMap(({ files }) => files.map((file) => `${file.file} ${file.sha256}\n`));
    const catalogueDigest = sha256([`${sha256(text)}\n`, ...digests].join(''));
    write('catalogue.json', text);
    write('manifest.json', JSON.stringify({ ...manifest, catalogue: sha256(text), catalogueDigest }));
    assert.match(
      await faultOf(Catalogue.open(dir)),
      /catalogue\.json (is not JSON|holds fewer endpoints than it says)/,
    );
  });

  describe('of two thousand providers', () => {
    const IDS = Array.from({ length: 2_000 }, (_, index) => `p${String(index).padStart(4, '0')}`);
    let large: CatalogueOnDisk;
    before(() => {
      large = writeCatalogue(IDS);
    });
    after(() => large.remove());

    it('reads no descriptors to be opened, listed and searched', async () => {
      // Nothing lies where the descriptors should be.
      const moved = join(large.dir, 'providers.elsewhere');
      renameSync(join(large.dir, 'providers'), moved);
      const files = new ProviderFiles();
      const catalogue = await Catalogue.open(large.dir, { files });
      const index = await SearchIndex.build(catalogue);
      assert.deepEqual([catalogue.entries.length, index.search('p1234').length], [2_000, 1]);
      assert.deepEqual(files.held, { providers: 0, bytes: 0 });
      renameSync(moved, join(large.dir, 'providers'));
    });

    it('holds in memory what was used last, within its bound, however many are called', async () => {
      const files = new ProviderFiles({ mostBytes: 20_000 });
      const catalogue = await Catalogue.open(large.dir, { files });
      const most = { providers: 0, bytes: 0 };
      for (const id of IDS) {
        assert.equal((await catalogue.endpoint(`${id}/get`))!.descriptor.id, `${id}/get`);
        most.providers = Math.max(most.providers, files.held.providers);
        most.bytes = Math.max(most.bytes, files.held.bytes);
      }
      assert.ok(most.providers > 1 && most.providers < 100, String(most.providers));
      assert.ok(most.bytes <= 20_000, String(most.bytes));
    });

    it('keeps the one used last where it alone is larger than the bound', async () => {
      const files = new ProviderFiles({ mostBytes: 10 });
      const catalogue = await Catalogue.open(large.dir, { files });
      const first = await catalogue.endpoint('p0001/get');
      assert.equal((await catalogue.endpoint('p0001/get'))!.descriptor, first!.descriptor);
      assert.deepEqual(files.held, { providers: 1, bytes: 10 });
    });

    it('takes over, from the one before, the rows and the descriptors of what did not change', async () => {
      const files = new ProviderFiles();
      const earlier = await Catalogue.open(large.dir, { files });
      const next = writeCatalogue(['new', ...IDS.slice(1)]);
      try {
        const used = await earlier.endpoint('p0001/get');
        const catalogue = await Catalogue.open(next.dir, { files, earlier });
        assert.equal(catalogue.entries[1], earlier.entries[1]);
        assert.equal((await catalogue.endpoint('p0001/get'))!.descriptor, used!.descriptor);
        assert.deepEqual([catalogue.entries[0]!.id, await catalogue.endpoint('p0000/get')], ['new/get', undefined]);
        assert.equal(catalogue.digest, next.manifest.catalogueDigest);
      } finally {
        next.remove();
      }
    });
  });

  it('is settled when nobody reads a file of it any more', async () => {
    const catalogue = await Catalogue.open(disk.dir);
    let read = false;
    const reading = catalogue.endpoint('one/get').then(() => (read = true));
    await catalogue.settled();
    await Promise.resolve();
    assert.equal(read, true);
    await reading;
  });

  it('tells once of a file that is broken, and again when it breaks anew', async () => {
    const faults: string[] = [];
    const files = new ProviderFiles({ mostBytes: 1, onFault: ({ message }) => faults.push(message) });
    const catalogue = await Catalogue.open(disk.dir, { files });
    const file = 'providers/one/descriptors.json';
    const whole = readFileSync(join(disk.dir, file), 'utf8');
    const spoil = async () => {
      disk.write(file, 'broken');
      for (let count = 0; count < 3; count++) await faultOf(catalogue.endpoint('one/get'));
    };
    await spoil();
    disk.write(file, whole);
    await catalogue.endpoint('one/get');
    await catalogue.endpoint('two/get');
    await spoil();
    assert.equal(faults.length, 2);
    assert.ok(faults[0]!.startsWith(`${join(disk.dir, file)} is not the file that the manifest names`));
  });
});
