import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Postings } from '../../runtime/discovery/postings.js';
import { StoredPostings } from '../../runtime/discovery/stored-postings.js';

const POSTINGS: Postings = {
  terms: ['sea', 'tide', 'zürich'],
  offsets: Uint32Array.of(0, 1, 3, 4),
  rows: Uint32Array.of(0, 0, 2, 70_000),
  weights: Uint16Array.of(7, 40, 30, 65_535),
  lengths: Uint32Array.of(47, 0, 30),
};

describe('stored postings', () => {
  let dir: string;
  let stored: StoredPostings;
  const file = () =>
    join(
      dir,
      readdirSync(dir).find((name) => name.startsWith('digest'))!,
    );
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-postings-'));
    stored = new StoredPostings(dir, 'digest-1');
    await stored.write(POSTINGS);
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('are read as they were written', async () => {
    assert.deepEqual(await stored.read(), POSTINGS);
  });

  it('are not those of another catalogue, and give way to them', async () => {
    const other = new StoredPostings(dir, 'digest-2');
    assert.equal(await other.read(), undefined);
    await other.write({ ...POSTINGS, terms: ['sea', 'tide', 'wave'] });
    assert.deepEqual([(await other.read())!.terms[2], await stored.read()], ['wave', undefined]);
    assert.equal(readdirSync(dir).length, 1);
  });

  it('leave no files behind that a killed process was writing, and do not take them from one that lives', async () => {
    const [killed, alive] = ['.digest-2.4.99998', '.digest-1.4.99999'];
    for (const name of [killed, alive]) writeFileSync(join(dir, name), 'half');
    const hourAgo = new Date(Date.now() - 3_601_000);
    utimesSync(join(dir, killed), hourAgo, hourAgo);
    await stored.write(POSTINGS);
    assert.deepEqual(readdirSync(dir), [alive, 'digest-1.4']);
  });

  const SPOILT: readonly (readonly [name: string, spoil: (bytes: Buffer) => Buffer])[] = [
    ['cut off', (bytes) => bytes.subarray(0, bytes.length - 5)],
    ['empty', () => Buffer.alloc(0)],
    ['edited', (bytes) => Buffer.from(bytes).fill(1, 40, 41)],
  ];
  for (const [name, spoil] of SPOILT) {
    it(`count as absent where the file is ${name}`, async () => {
      writeFileSync(file(), spoil(readFileSync(file())));
      assert.equal(await stored.read(), undefined);
    });
  }
});
