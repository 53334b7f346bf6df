import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { CatalogueError } from '../../runtime/catalogue/catalogue-error.js';
import { Catalogue } from '../../runtime/catalogue/catalogue.js';
import { ProviderFiles } from '../../runtime/catalogue/provider-files.js';
import { SearchIndex } from '../../runtime/discovery/search-index.js';
import { forgeCatalogue, writeCatalogue, type CatalogueOnDisk } from './a-catalogue.js';

const REMEDY = 'make the catalogue anew with `npm run generate`';

function countOf(count: string): (text: string) => string {
  return (text) => text.replace('"endpoints":1', `"endpoints":${count}`);
}

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
      [...catalogue.entries].map((entry) => entry.id),
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

  const FORGED: readonly (readonly [name: string, change: (text: string) => string, want: string])[] = [
    ['is one line', (text) => text.replaceAll('\n', ''), 'is not laid out a row a line'],
    [
      'lists no providers',
      (text) => text.replace('"providers":[', '"vendors":['),
      'does not say which providers it holds',
    ],
    [
      'lists a provider that is null',
      (text) => text.replace('[\n', '[\nnull,\n'),
      'does not say which providers it holds',
    ],
    ['says of a provider that it has -1 endpoints', countOf('-1'), 'does not say which providers it holds'],
    ['says of a provider that it has half an endpoint', countOf('0.5'), 'does not say which providers it holds'],
    ['says of a provider that it has more than memory holds', countOf('1e15'), 'holds fewer endpoints than it says'],
    [
      'holds fewer endpoints than it says',
      (text) => text.replace(/,\n\{"id":"two\/.*/, ''),
      'holds fewer endpoints than it says',
    ],
    ['ends amid its rows', (text) => text.slice(0, text.indexOf('{"id":"two/')), 'holds fewer endpoints than it says'],
    [
      'holds more endpoints than it says',
      (text) => text.replace(/(\{"id":"two\/.*)/, '$1,\n$1'),
      'holds more endpoints than it says',
    ],
    [
      "holds another provider's endpoint",
      (text) => text.replace('"id":"one/', '"id":"two/'),
      'holds no endpoint of one in its row 1',
    ],
    [
      'holds a row that is cut off',
      (text) => text.replace(/(\{"id":"one\/.{20}).*/, '$1'),
      'holds no endpoint of one in its row 1',
    ],
    ['names a provider twice', (text) => text.replaceAll(/"id":"two/g, '"id":"one'), 'names the provider one twice'],
  ];
  for (const [name, change, want] of FORGED) {
    it(`is not opened where its list ${name}, though the digests are right`, async () => {
      forgeCatalogue(disk, change);
      assert.equal(await faultOf(Catalogue.open(disk.dir)), `${join(disk.dir, 'catalogue.json')} ${want}; ${REMEDY}`);
    });
  }

  it('says which row is not JSON to whoever asks for it, and gives the others', async () => {
    forgeCatalogue(disk, (text) => text.replace('"title":"Get"', '"title":Get"'));
    const { entries } = await Catalogue.open(disk.dir);
    assert.throws(
      () => entries.at(0),
      (error: Error) =>
        error instanceof CatalogueError && /catalogue\.json is not JSON in its row 1 \(.+\); /.test(error.message),
    );
    assert.equal(entries.at(1)!.id, 'two/get');
  });

  it('gives its rows by their places, also from the end, and their ids alone', async () => {
    const { entries } = await Catalogue.open(disk.dir);
    assert.deepEqual(
      [0, 1, 2, -1, -2, -3].map((place) => entries.at(place)?.id),
      ['one/get', 'two/get', undefined, 'two/get', 'one/get', undefined],
    );
    assert.deepEqual([entries.length, entries.idAt(0), entries.idAt(1)], [2, 'one/get', 'two/get']);
  });

  it('knows which provider each row is of, where some have none and others several', async () => {
    // No row for `one`, two for `two`.
    forgeCatalogue(disk, (text) =>
      text
        .replace('"endpoints":1', '"endpoints":0')
        .replace('"endpoints":1', '"endpoints":2')
        .replace('"id":"one/get"', '"id":"two/other"'),
    );
    const catalogue = await Catalogue.open(disk.dir);
    assert.deepEqual(
      [0, 1].map((place) => catalogue.sectionAt(place).provider),
      ['two', 'two'],
    );
    assert.deepEqual(catalogue.sections.get('one'), { ...catalogue.sections.get('one')!, start: 0, end: 0 });
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
      assert.deepEqual([catalogue.entries.length, index.search('p1234').total], [2_000, 1]);
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

    it('takes over, from the one before, the descriptors of what did not change', async () => {
      const files = new ProviderFiles();
      const earlier = await Catalogue.open(large.dir, { files });
      const next = writeCatalogue(['new', ...IDS.slice(1)]);
      try {
        const used = await earlier.endpoint('p0001/get');
        const catalogue = await Catalogue.open(next.dir, { files });
        assert.equal((await catalogue.endpoint('p0001/get'))!.descriptor, used!.descriptor);
        assert.deepEqual([catalogue.entries.idAt(0), await catalogue.endpoint('p0000/get')], ['new/get', undefined]);
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
