import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { SearchIndex } from '../../runtime/discovery/search-index.js';

/** Hostile input 22: what anybody may send without end is not kept. */
describe('a flood of queries', () => {
  it('leaves nothing in memory, however many words they make up', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const index = new SearchIndex([], new Map());
    // A character that unfolds into eighteen makes a short query long; the one word keeps hold of the text around it.
    const query = (index: number) => `${'\uFDFA'.repeat(470)} zzzzzzzzzzzzzzz${index.toString(36)}`;
    index.search(query(0));
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let count = 1; count <= 1_000; count += 1) index.search(query(count));
    collect();
    const grownBytes = process.memoryUsage().heapUsed - before;
    assert.ok(grownBytes < 5_000_000, `1,000 queries left ${grownBytes} bytes`);
  });
});
