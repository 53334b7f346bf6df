import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

import { clientPlaces } from '../../runtime/http/client-places.js';

describe('the places for clients', () => {
  for (const [name, wanted, openFiles] of [
    ['where there are files for as many upstreams', 100, 200],
    ['where nobody knows how many files there are', 8_192, undefined],
  ] as const) {
    it(`are what was set ${name}`, () => assert.deepEqual(clientPlaces(wanted, openFiles), { maxConnections: wanted }));
  }

  it('leave half of the files to upstreams and the database, and the operator is told', () =>
    assert.deepEqual(clientPlaces(8_192, 4_096), {
      maxConnections: 2_048,
      warning:
        'this process may open 4096 files at a time, and so takes 2048 connections of clients, not 8192: ' +
        'let it open 16384 (ulimit -Hn), or set TOLLGATE_MAX_CONNECTIONS to 2048',
    }));

  it('are never none', () => assert.equal(clientPlaces(8_192, 1).maxConnections, 1));

  it('go by the limit of the process', function () {
    if (process.platform !== 'linux') this.skip();
    const module = pathToFileURL('runtime/http/client-places.ts').href;
    const script = `import { mostOpenFiles } from '${module}'; console.log(mostOpenFiles());`;
    const node = [process.execPath, '--import', 'tsx', '--input-type=module', '-e', script];
    const said = execFileSync('sh', ['-c', 'ulimit -n 256; exec "$@"', 'sh', ...node], { encoding: 'utf8' });
    assert.equal(said, '256\n');
  });
});
