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

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_LINE = '\u001b[1G\u001b[2K';

function aTerminal() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return Object.assign(stream, { isTTY: true, columns: 120, written: () => text });
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

  it('is a bar on a terminal, which is gone in the end, and gives back the cursor', () => {
    const stream = aTerminal();
    const shown = progress(stream as unknown as NodeJS.WriteStream);
    assert.equal(stream.written(), '');
    shown.advance(1, 2, 'api-1', 4.25);
    const started = stream.written();
    assert.ok(started.includes(HIDE_CURSOR));
    assert.match(started, / 0 of 2 documents, \d+s, [\d.]+ a second, slowest api-1 4\.3 s/);
    shown.advance(2, 2, 'api-2', 0.01);
    shown.stop();
    assert.match(stream.written(), / 2 of 2 documents, \d+s, [\d.]+ a second, slowest api-1 4\.3 s/);
    const end = stream.written().slice(stream.written().lastIndexOf('api-1'));
    assert.ok(end.includes(SHOW_CURSOR));
    assert.ok(end.endsWith(CLEAR_LINE));
  });

  it('leaves a terminal alone where nothing was to be done', () => {
    const stream = aTerminal();
    progress(stream as unknown as NodeJS.WriteStream).stop();
    assert.equal(stream.written(), '');
  });
});
