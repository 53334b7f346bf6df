import assert from 'node:assert/strict';

import { Backlog } from '../../runtime/telemetry/backlog.js';

describe('a backlog', () => {
  it('counts what was begun and is not done, however it ends', async () => {
    const backlog = new Backlog();
    assert.deepEqual(backlog.now(), { commands: 0, oldestMs: 0 });
    let end: (value: string) => void = () => undefined;
    const lasting = backlog.follow(new Promise<string>((resolve) => (end = resolve)));
    await assert.rejects(backlog.follow(Promise.reject(new Error('failed'))), /failed/);
    assert.equal(backlog.now().commands, 1);
    end('done');
    assert.equal(await lasting, 'done');
    assert.deepEqual(backlog.now(), { commands: 0, oldestMs: 0 });
  });
});
