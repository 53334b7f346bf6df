import assert from 'node:assert/strict';
import fs, { fstatSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';

import { backUp } from '../../runtime/backup/back-up.js';
import { readConfig } from '../../runtime/config.js';

describe('a backup', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-backup-'));
    writeFileSync(join(dir, 'receipt.key'), `0x${'11'.repeat(32)}\n`, { mode: 0o600 });
  });
  afterEach(() => {
    mock.restoreAll();
    syncBuiltinESMExports();
    rmSync(dir, { recursive: true });
  });

  for (const [what, folder] of [
    ['its own folder', 'copy.part'],
    ['the folder that it is in', '.'],
  ] as const) {
    it(`leaves nothing behind, and says so, where ${what} cannot be flushed`, async () => {
      const { fsyncSync } = fs;
      mock.method(fs, 'fsyncSync', (file: number) => {
        const there = statSync(join(dir, folder), { throwIfNoEntry: false });
        if (fstatSync(file).ino === there?.ino)
          throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
        fsyncSync(file);
      });
      syncBuiltinESMExports();
      await assert.rejects(backUp(readConfig({ TOLLGATE_DATA_DIR: dir }, {}), undefined, join(dir, 'copy')), {
        name: 'BackupError',
        message: 'nothing was backed up: EIO: i/o error, fsync',
      });
      assert.deepEqual(readdirSync(dir), ['receipt.key']);
    });
  }
});
