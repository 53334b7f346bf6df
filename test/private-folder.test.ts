import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { makePrivateFolder } from '../runtime/private-folder.js';

describe('makePrivateFolder', () => {
  let dir: string;
  before(() => (dir = mkdtempSync(join(tmpdir(), 'tollgate-folder-'))));
  after(() => rmSync(dir, { recursive: true, force: true }));

  const modeOf = (path: string): number => statSync(path).mode & 0o777;

  it('makes it with those above it, which only this user can enter', () => {
    makePrivateFolder(join(dir, 'a', 'b', 'c'));
    assert.deepEqual(
      [modeOf(join(dir, 'a')), modeOf(join(dir, 'a', 'b')), modeOf(join(dir, 'a', 'b', 'c'))],
      [0o700, 0o700, 0o700],
    );
  });

  it('leaves one that is there as it is, a link to one too', () => {
    mkdirSync(join(dir, 'there'));
    chmodSync(join(dir, 'there'), 0o750);
    symlinkSync(join(dir, 'there'), join(dir, 'link'));
    makePrivateFolder(join(dir, 'there'));
    makePrivateFolder(join(dir, 'link'));
    assert.equal(modeOf(join(dir, 'there')), 0o750);
  });

  it('says what is in its place, or above it', () => {
    writeFileSync(join(dir, 'file'), '');
    symlinkSync(join(dir, 'nowhere'), join(dir, 'dangling'));
    assert.throws(() => makePrivateFolder(join(dir, 'file')), { code: 'EEXIST' });
    assert.throws(() => makePrivateFolder(join(dir, 'dangling')), { code: 'EEXIST' });
    assert.throws(() => makePrivateFolder(join(dir, 'file', 'below')), { code: 'ENOTDIR' });
  });
});
