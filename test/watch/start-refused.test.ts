import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { readConfig } from '../../runtime/config.js';
import { startGateway } from '../../runtime/main.js';

describe('a gateway that is to watch documents', () => {
  it('does not start where there is no folder of them, and says which and what to do', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tollgate-no-specs-'));
    const config = readConfig({ TOLLGATE_DATA_DIR: dir, PORT: '0' }, {});
    writeFileSync(join(dir, 'file'), '');
    for (const specsDir of [join(dir, 'nowhere'), join(dir, 'file')]) {
      await assert.rejects(startGateway(config, { watch: { specsDir, say: assert.fail } }), {
        name: 'StartError',
        message: `${specsDir} is no folder that can be watched; name the one of the documents with --specs`,
      });
    }
    rmSync(dir, { recursive: true, force: true });
  });
});
