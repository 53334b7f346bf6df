import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { GeneratorProcess, type GeneratorMessage } from '../../runtime/watch/generator-process.js';

describe("the generator's process", function () {
  this.timeout(60_000);
  let dir: string;
  let said: string[];
  let messages: GeneratorMessage[];
  let running: GeneratorProcess | undefined;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-process-'));
    said = [];
    messages = [];
  });
  afterEach(async () => {
    await running?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  function start(source: string, args: () => readonly string[] = () => []): void {
    const program = join(dir, 'program.mjs');
    writeFileSync(program, source);
    running = new GeneratorProcess({
      program,
      args,
      onMessage: (message) => messages.push(message),
      say: (line) => said.push(line),
    });
  }
  async function until(so: () => boolean): Promise<void> {
    while (!so()) await sleep(20);
  }

  it('hands over what it says', async () => {
    start('process.send({ told: process.argv.slice(2) }); setInterval(() => {}, 1000);', () => ['specs', 'seed']);
    await until(() => messages.length > 0);
    assert.deepEqual([messages, said], [[{ told: ['specs', 'seed'] }], []]);
  });

  it('is started again when it ends, with the arguments that are right by then, and that is told', async () => {
    let starts = 0;
    start('process.send({ told: process.argv.slice(2) }, () => process.exit(7));', () => [`start ${++starts}`]);
    await until(() => messages.length >= 2);
    assert.deepEqual(
      messages.slice(0, 2).map(({ told }) => told),
      [['start 1'], ['start 2']],
    );
    assert.equal(said[0], 'the generator ended (exit code 7); the catalogue stays, a new start is in 1 s');
  });

  it('waits twice as long after each start of which nothing came', async () => {
    start('process.exit(1);');
    await until(() => said.length >= 2);
    assert.deepEqual(
      said.slice(0, 2).map((line) => /in (\d+) s$/.exec(line)?.[1]),
      ['1', '2'],
    );
  });

  it('is started again where the system has no room for a process, which is told and ends nothing else', async () => {
    const { execPath } = process;
    process.execPath = join(dir, 'nowhere');
    try {
      start('process.send({ told: [] }); setInterval(() => {}, 1000);');
      await until(() => said.length > 0);
    } finally {
      process.execPath = execPath;
    }
    await until(() => messages.length > 0);
    assert.deepEqual(said, ['the generator could not be started (ENOENT); the catalogue stays, a new start is in 1 s']);
  });

  it('is closed also where it could not be started', async () => {
    const { execPath } = process;
    process.execPath = join(dir, 'nowhere');
    try {
      start('');
      await running!.close();
    } finally {
      process.execPath = execPath;
    }
    assert.deepEqual(said, []);
  });

  it('ends when it is closed, whatever it is doing, and is not started again', async () => {
    start('process.send({ told: [String(process.pid)] }, () => { for (;;); });');
    await until(() => messages.length > 0);
    await running!.close();
    assert.throws(() => process.kill(Number(messages[0]!.told[0]), 0), { code: 'ESRCH' });
    assert.deepEqual(said, []);
  });

  it('is not started again where it is closed while it waits for that', async () => {
    start('process.exit(1);');
    await until(() => said.length > 0);
    await running!.close();
    assert.deepEqual(messages, []);
  });
});
