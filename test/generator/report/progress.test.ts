import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { progress } from '../../../generator/report/progress.js';

/** What is written by so many steps, of which the third is the slowest. */
function written(steps: number): readonly string[] {
  const stream = new PassThrough();
  const shown = progress(stream as unknown as NodeJS.WriteStream);
  for (let done = 1; done <= steps; done++) {
    shown.advance(done, steps, `api-${String(done)}`, done === 3 ? 4.25 : 0.01);
  }
  shown.stop();
  return ((stream.read() as Buffer | null)?.toString() ?? '').split('\n').slice(0, -1);
}

describe('progress', () => {
  it('is told away from a terminal in plain lines, with count, rate and the slowest so far', () => {
    const lines = written(100);
    assert.equal(lines.length, 20);
    assert.match(lines[0] ?? '', /^5 of 100 documents, [\d.]+ a second, slowest api-3 4\.3 s$/);
    assert.match(lines[19] ?? '', /^100 of 100 documents, [\d.]+ a second, slowest api-3 4\.3 s$/);
  });

  it('is not told of little work', () => {
    assert.deepEqual(written(49), []);
  });
});
