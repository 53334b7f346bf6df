import assert from 'node:assert/strict';

import { Closers } from '../runtime/closers.js';

describe('what is open', () => {
  let closers: Closers;
  let closed: string[];
  const add = (name: string) =>
    closers.add(() => {
      closed.push(name);
      return Promise.resolve();
    });

  beforeEach(() => {
    closers = new Closers();
    closed = [];
  });

  it('is closed once, the last that was opened first', async () => {
    add('store');
    add('server');
    await Promise.all([closers.close(), closers.close()]);
    assert.deepEqual(closed, ['server', 'store']);
  });

  it('is closed also after something that fails to close, whose error is told', async () => {
    add('store');
    closers.add(() => Promise.reject(new Error('the sender does not close')));
    add('server');
    await assert.rejects(closers.close(), /^Error: the sender does not close$/);
    assert.deepEqual(closed, ['server', 'store']);
  });

  it('stays open until work that was begun is done', async () => {
    add('store');
    let done!: () => void;
    closers.begin(() => new Promise((resolve) => (done = resolve)));
    const end = closers.close();
    await new Promise(setImmediate);
    assert.deepEqual(closed, []);
    done();
    await end;
    assert.deepEqual(closed, ['store']);
  });

  it('begins no more work once it is being closed', async () => {
    await closers.close();
    closers.begin(() => assert.fail('it was begun'));
  });
});
