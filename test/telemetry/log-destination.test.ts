import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

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
      const destination = logDestination(3, () => undefined);
      const logger = pino(destination);
      for (const line of ['first', 'second']) {
        logger.info('x'.repeat(5_000) + line);
        await setTimeout(20);
      }
      console.log('stopped');
      destination.exit(0);`;
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

  describe('in a pipe that nobody reads', () => {
    /** Writes 6,000 lines of a kilobyte, of which 4 MB are kept, and stops when its standard input ends. */
    function logToPipe() {
      const program = `
        import { pino } from 'pino';
        import { logDestination } from '${join(PACKAGE_ROOT, 'runtime/telemetry/log-destination.ts')}';
        const destination = logDestination(3, (lines) => logger.warn({ lines }, 'lost'));
        const logger = pino({ base: null, timestamp: false }, destination);
        for (let count = 0; count < 6_000; count += 1) logger.info('x'.repeat(1_000));
        console.log('filled');
        process.stdin.on('end', () => destination.exit(0)).resume();`;
      const child = spawn(process.execPath, ['--import', 'tsx/esm', '--input-type=module', '--eval', program], {
        cwd: PACKAGE_ROOT,
        stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
        timeout: 30_000,
      });
      return { child, log: child.stdio[3] as Readable, filled: once(child.stdout!, 'data') };
    }

    it('tells how many lines were lost, once it is read again', async () => {
      const { child, log, filled } = logToPipe();
      await filled;
      let written = '';
      for await (const part of log) {
        written += String(part);
        if (written.endsWith('"msg":"lost"}\n')) break;
        if (!child.stdin!.writableEnded) child.stdin!.end();
      }
      const lines = written.trim().split('\n');
      const last = JSON.parse(lines.at(-1)!) as Record<string, unknown>;
      assert.deepEqual(last, { level: 40, lines: 6_000 - (lines.length - 1), msg: 'lost' });
      assert.ok(Number(last['lines']) > 1_000);
    });

    it('ends the process all the same', async () => {
      const { child, filled } = logToPipe();
      await filled;
      child.stdin!.end();
      assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
    });
  });
});
