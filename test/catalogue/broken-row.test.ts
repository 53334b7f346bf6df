import assert from 'node:assert/strict';

import { callTool, startTestGateway, type TestGateway } from '../fixtures/test-gateway.js';
import { forgeCatalogue, writeCatalogue, type CatalogueOnDisk } from './a-catalogue.js';

/** No generator writes one, and the digests would tell an accident: somebody made it. */
describe('a gateway whose catalogue has a row that is not JSON', () => {
  let disk: CatalogueOnDisk;
  let gateway: TestGateway;
  before(async () => {
    disk = writeCatalogue(['one', 'two']);
    forgeCatalogue(disk, (text) => text.replace('"title":"Get"', '"title":Get"'));
    gateway = await startTestGateway({ TOLLGATE_CATALOGUE: disk.dir });
  });
  after(async () => {
    await gateway.close();
    disk.remove();
  });

  it('describes endpoints, and refuses what would show or search the row', async () => {
    const client = await gateway.client();
    const codeOf = async (tool: string, args: Readonly<Record<string, unknown>>) =>
      (await callTool(client, tool, { ...args })).answer.code ?? 'none';
    assert.equal(await codeOf('browse_apis', { query: 'get' }), 'INTERNAL');
    assert.equal(await codeOf('browse_apis', { provider: 'one' }), 'INTERNAL');
    assert.equal(await codeOf('browse_apis', { sort: 'price' }), 'INTERNAL');
    assert.equal(await codeOf('browse_apis', { provider: 'two' }), 'none');
    assert.equal(await codeOf('describe_endpoint', { endpoint: 'one/get' }), 'none');
  });
});
