import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import { Bandwidth, type Reading } from '../../runtime/upstream/bandwidth.js';
import { until } from '../proof/until.js';

/** 262,144 bytes are short. */
const SHORT = 262_144;
const RATE = 1_000_000;

describe('the bandwidth of a provider', () => {
  let nowMs: number;
  let bandwidth: Bandwidth;
  /** What happened to the connections, such as `a pauses`. */
  let log: string[];

  beforeEach(() => {
    nowMs = 1_700_000_000_000;
    log = [];
    bandwidth = new Bandwidth({ nowMs: () => nowMs, randomBytes: () => new Uint8Array() });
  });

  function begin(name: string, bytesPerSecond = RATE): Reading {
    const flow = { pause: () => log.push(`${name} pauses`), resume: () => log.push(`${name} goes on`) };
    return bandwidth.begin(flow, bytesPerSecond);
  }

  it('reads on and on what comes at its rate, or slower', () => {
    const reading = begin('a');
    for (let piece = 0; piece < 1_000; piece += 1) {
      reading.took(10_000);
      nowMs += 10;
    }
    assert.deepEqual(log, []);
  });

  it('reads a short answer in any case', () => {
    for (const name of ['a', 'b', 'c', 'd']) begin(name).took(SHORT);
    assert.deepEqual(log, []);
  });

  it('leaves a long one unread that comes too fast, until the rate is kept again', async () => {
    const reading = begin('a');
    reading.took(SHORT);
    reading.took(1);
    assert.deepEqual(log, ['a pauses']);
    nowMs += 300;
    await until(() => log.length === 2);
    assert.deepEqual(log, ['a pauses', 'a goes on']);
    reading.took(1_000);
    assert.deepEqual(log, ['a pauses', 'a goes on']);
    reading.took(100_000);
    assert.deepEqual(log, ['a pauses', 'a goes on', 'a pauses']);
    reading.end();
  });

  it('reads a long one on where it is the others that were too fast, and they have ended', () => {
    begin('a').took(SHORT);
    nowMs += 10_000;
    begin('b').took(SHORT);
    nowMs += 300;
    begin('c').took(20_000);
    assert.deepEqual(log, []);
  });

  it('reads the oldest first', async () => {
    const readings = ['a', 'b', 'c'].map((name) => begin(name, 100 * RATE));
    for (const reading of readings.toReversed()) reading.took(5 * SHORT);
    assert.deepEqual(log, ['b pauses', 'a pauses']);
    await until(() => log.length === 4);
    assert.deepEqual(log.slice(2), ['a goes on', 'b goes on']);
    for (const reading of readings) reading.end();
  });

  it('waits no longer where the clock was set back', async () => {
    const reading = begin('a', 100 * RATE);
    reading.took(10 * SHORT);
    nowMs -= 3_600_000;
    reading.took(1);
    nowMs += 1_000;
    await until(() => log.includes('a goes on'));
    const before = log.length;
    reading.took(SHORT);
    assert.equal(log.length, before);
    reading.end();
  });

  it('waits for nothing once all have ended', async () => {
    const reading = begin('a', 100 * RATE);
    reading.took(10 * SHORT);
    reading.end();
    // Longer than it would have been left unread: to resume one where there is none would throw.
    await pause(50);
    assert.deepEqual(log, ['a pauses']);
  });

  it('resumes none that has ended', async () => {
    const [ended, waiting] = [begin('a', 100 * RATE), begin('b', 100 * RATE)];
    for (const reading of [ended, waiting]) reading.took(10 * SHORT);
    ended.end();
    nowMs += 1_000;
    await until(() => log.includes('b goes on'));
    assert.deepEqual(log, ['a pauses', 'b pauses', 'b goes on']);
    waiting.end();
  });
});
