import assert from 'node:assert/strict';
import { mock } from 'node:test';

import { pino } from 'pino';

import { tellWhileLong } from '../runtime/tell-while-long.js';

describe('work of a start', () => {
  let told: string[];
  const logger = pino({}, { write: (line) => told.push((JSON.parse(line) as { msg: string }).msg) });

  beforeEach(() => {
    told = [];
    mock.timers.enable({ apis: ['setInterval'] });
  });
  afterEach(() => mock.timers.reset());

  it('is told of every ten seconds as long as it lasts, and no longer', async () => {
    let end!: (result: number) => void;
    const work = tellWhileLong(logger, 'checking the books', new Promise<number>((resolve) => (end = resolve)));
    mock.timers.tick(9_999);
    assert.deepEqual(told, []);
    mock.timers.tick(10_001);
    assert.deepEqual(told, ['still checking the books', 'still checking the books']);
    end(7);
    assert.equal(await work, 7);
    mock.timers.tick(60_000);
    assert.equal(told.length, 2);
  });

  it('that fails is told of no more, and fails', async () => {
    await assert.rejects(tellWhileLong(logger, 'checking the books', Promise.reject(new Error('broken'))), /broken/);
    mock.timers.tick(60_000);
    assert.deepEqual(told, []);
  });
});
