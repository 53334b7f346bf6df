import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { CatalogueError } from '../../runtime/catalogue/catalogue-error.js';
import { Catalogue } from '../../runtime/catalogue/catalogue.js';
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
});
