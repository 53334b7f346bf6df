import assert from 'node:assert/strict';

import { runInThreads } from '../../../generator/cli/run-in-threads.js';
import { generate } from '../../../generator/generate.js';
import { inFolder } from '../a-folder.js';

const document = (title: string) => ({
  openapi: '3.1.0',
  info: { title, version: '1' },
  servers: [{ url: 'https://api.example.com' }],
  paths: { '/things': { get: { operationId: 'listThings', responses: { 200: { description: 'Things' } } } } },
});

describe('generation in threads', () => {
  it('makes byte for byte what one process makes', async function () {
    // From source, each thread compiles all of the generator first.
    this.timeout(60_000);
    await inFolder({ 'one.json': document('One'), 'two.json': document('Two') }, async (specsDir) => {
      const options = { specsDir, allowRemoteRefs: false, types: false, onProvider: () => undefined };
      const alone = await generate(options);
      const threaded = await generate({ ...options, runAll: runInThreads(2) });
      assert.equal(threaded.endpoints, 2);
      assert.deepEqual(threaded.files, alone.files);
    });
  });
});
