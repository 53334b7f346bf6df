import assert from 'node:assert/strict';

import { stepLines } from '../../../generator/watch/step-lines.js';

describe('the lines of the watch', () => {
  it('say where a refused document is at fault and what to do, and that the provider is not served', () => {
    const refusal = {
      file: 'pets.yaml',
      provider: 'pets',
      pointer: '/paths',
      line: 3,
      column: 1,
      rule: 'invalid-yaml',
      message: 'a list is not closed',
      remedy: 'correct the text at this line',
    };
    assert.deepEqual(stepLines({ provider: 'pets', step: 'refused', refused: [refusal], served: false } as never), [
      'refused pets: a list is not closed',
      '  at pets.yaml:3:1 #/paths [invalid-yaml]',
      '  → correct the text at this line',
      '  pets is not served',
    ]);
  });

  it('show what would move the cursor or begin a line of its own', () => {
    const refusal = {
      file: 'pets.yaml',
      pointer: '',
      rule: 'invalid-openapi',
      message: 'no \u001b[2Jpaths\n::error::forged',
      remedy: 'none',
    };
    const lines = stepLines({ provider: 'pets', step: 'refused', refused: [refusal], served: false } as never);
    assert.equal(lines[0], 'refused pets: no \\u{1b}[2Jpaths\\u{a}::error::forged');
  });
});
