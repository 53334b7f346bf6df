import assert from 'node:assert/strict';
import { mock } from 'node:test';

import { Settling } from '../../../generator/watch/settling.js';

describe('settling', () => {
  let settled: string[][];
  let settling: Settling;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    settled = [];
    settling = new Settling({ quietMs: 100, patienceMs: 500, onSettled: (things) => settled.push([...things].sort()) });
  });
  afterEach(() => mock.timers.reset());

  it('hands over what has been left alone, once', () => {
    settling.touch('a');
    mock.timers.tick(99);
    assert.deepEqual(settled, []);
    mock.timers.tick(1);
    assert.deepEqual(settled, [['a']]);
    mock.timers.tick(10_000);
    assert.deepEqual(settled, [['a']]);
  });

  it('waits on while something is touched again and again', () => {
    for (let count = 0; count < 50; count++) {
      settling.touch('a');
      mock.timers.tick(60);
    }
    assert.deepEqual(settled, []);
    mock.timers.tick(100);
    assert.deepEqual(settled, [['a']]);
  });

  it('hands over together what is touched at once', () => {
    settling.touch('a');
    mock.timers.tick(50);
    settling.touch('b');
    mock.timers.tick(120);
    assert.deepEqual(settled, [['a', 'b']]);
  });

  it('does not let what goes on being written hold up the rest for long', () => {
    settling.touch('still');
    for (let count = 0; count < 50; count++) {
      settling.touch('busy');
      mock.timers.tick(50);
    }
    assert.deepEqual(settled, [['still']]);
    mock.timers.tick(200);
    assert.deepEqual(settled, [['still'], ['busy']]);
  });

  it('hands over again what is touched again', () => {
    settling.touch('a');
    mock.timers.tick(100);
    settling.touch('a');
    mock.timers.tick(100);
    assert.deepEqual(settled, [['a'], ['a']]);
  });
});
