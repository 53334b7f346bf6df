import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PACKAGE_ROOT } from '../../runtime/package-root.js';

describe('the log', function () {
  this.timeout(60_000);
  let dir: string;
  before(() => (dir = mkdtempSync(join(tmpdir(), 'tollgate-log-'))));
  after(() => rmSync(dir, { recursive: true, force: true }));

  /** Writes two long lines to the file and stops; a process of its own, as it is about what happens at the exit. */
  async function logTo(path: string): Promise<{ readonly code: number | null; readonly stdout: string }> {
    const program = `
      import { pino } from 'pino';
      import { setTimeout } from 'node:timers/promises';
      import { logDestination } from '${join(PACKAGE_ROOT, 'runtime/telemetry/log-destination.ts')}';
      const destination = logDestination(3);
      const logger = pino(destination);
      for (const line of ['first', 'second']) {
        logger.info('x'.repeat(5_000) + line);
        await setTimeout(20);
      }
      await destination.flushed();
      console.log('stopped');
      process.exit(0);`;
    const child = spawn(process.execPath, ['--import', 'tsx/esm', '--input-type=module', '--eval', program], {
      cwd: PACKAGE_ROOT,
      stdio: ['ignore', 'pipe', 'ignore', openSync(path, 'a')],
      timeout: 30_000,
    });
    let stdout = '';
    child.stdout!.on('data', (part) => (stdout += String(part)));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout };
  }

  it('is whole when the process stops', async () => {
    const path = join(dir, 'log');
    assert.deepEqual(await logTo(path), { code: 0, stdout: 'stopped\n' });
    const ends = readFileSync(path, 'utf8').match(/first|second/g);
    assert.deepEqual(ends, ['first', 'second']);
  });

  it('on a disk that is full neither ends the process nor keeps it from stopping', async function () {
    if (!existsSync('/dev/full')) this.skip();
    assert.deepEqual(await logTo('/dev/full'), { code: 0, stdout: 'stopped\n' });
  });
});
