import assert from 'node:assert/strict';

import { StandingWarnings } from '../runtime/standing-warnings.js';

describe('standing warnings', () => {
  it('tell a line when it comes up, not while it stands, and again when it comes back', () => {
    const told: string[] = [];
    const warnings = new StandingWarnings((line) => told.push(line));
    warnings.replace(['a', 'b']);
    warnings.replace(['b', 'c']);
    assert.deepEqual(told, ['a', 'b', 'c']);
    assert.deepEqual(warnings.lines, ['b', 'c']);
    warnings.replace(['a']);
    assert.deepEqual(told, ['a', 'b', 'c', 'a']);
  });
});
