import assert from 'node:assert/strict';
import { join } from 'node:path';

import { findEndpoint } from '../../runtime/call/find-endpoint.js';
import { Catalogue } from '../../runtime/catalogue/catalogue.js';
import { GatewayError } from '../../runtime/gateway-error.js';
import { PACKAGE_ROOT } from '../../runtime/package-root.js';
import { writeCatalogue } from '../catalogue/a-catalogue.js';

describe('finding an endpoint by its id', () => {
  let catalogue: Catalogue;
  before(async () => {
    catalogue = await Catalogue.open(join(PACKAGE_ROOT, 'generated'));
  });

  it('finds it with its provider', async () => {
    const { descriptor, provider } = await findEndpoint(catalogue, 'sandbox/get-weather');
    assert.deepEqual([descriptor.id, provider.id], ['sandbox/get-weather', 'sandbox']);
  });

  const LOST: readonly (readonly [name: string, id: string, remedy: RegExp])[] = [
    ['a slip of the pen', 'sandbox/get-wether', /^did you mean "sandbox\/get-weather"/],
    ['capitals', 'Sandbox/Get-Weather', /^did you mean "sandbox\/get-weather"/],
    ['a slip in the provider', 'sandbx/get-weather', /^did you mean "sandbox\/get-weather"/],
    ['nothing near', 'zzzzzzzz', /^find one with browse_apis/],
    ['an empty id', '', /^find one with browse_apis/],
    ['a name of every object', '__proto__', /^find one with browse_apis/],
    ['a path', 'sandbox/../../etc/passwd', /^find one with browse_apis/],
    ['an id without end', 'sandbox/'.padEnd(100_000, 'x'), /^find one with browse_apis/],
  ];
  for (const [name, id, remedy] of LOST) {
    it(`answers ${name} with ENDPOINT_NOT_FOUND and a way forward`, async () => {
      await assert.rejects(findEndpoint(catalogue, id), (error: unknown) => {
        assert.ok(error instanceof GatewayError);
        assert.equal(error.code, 'ENDPOINT_NOT_FOUND');
        assert.equal(error.message, `there is no endpoint "${id.slice(0, 160)}"`);
        assert.match(error.remedy, remedy);
        return true;
      });
    });
  }

  it("says, where the provider's file is broken, that it may be tried again, and nothing of the machine's paths", async () => {
    const disk = writeCatalogue(['one']);
    try {
      disk.write('providers/one/descriptors.json', 'broken');
      await assert.rejects(findEndpoint(await Catalogue.open(disk.dir), 'one/get'), (error) => {
        assert.ok(error instanceof GatewayError);
        assert.deepEqual(error.toBody(), {
          code: 'ENDPOINT_UNAVAILABLE',
          message: 'the catalogue\'s file of the provider of "one/get" cannot be read',
          remedy: 'try again later; the operator finds the fault in the log, and mends it with `npm run generate`',
          retryable: true,
          charged: '0.000000',
        });
        return true;
      });
    } finally {
      disk.remove();
    }
  });
});
