import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ownFolder } from '../../runtime/watch/own-folder.js';

describe('the folder of one process among several', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-own-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is new and empty, whatever an earlier process of the same number left', () => {
    const own = ownFolder(join(dir, 'watch'));
    writeFileSync(join(own, 'left'), '');
    assert.equal(ownFolder(join(dir, 'watch')), own);
    assert.deepEqual(readdirSync(own), []);
  });

  it('leaves those of processes that live, and deletes those of dead ones', () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const name of [String(process.ppid), String(dead), 'notes']) mkdirSync(join(dir, name));
    ownFolder(dir);
    assert.deepEqual(
      [String(process.ppid), String(dead), 'notes'].map((name) => existsSync(join(dir, name))),
      [true, false, true],
    );
  });
});
