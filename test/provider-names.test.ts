import assert from 'node:assert/strict';
import * as generator from '../generator/normalize/provider-variable.js';
import { isProviderId } from '../generator/settings/discover-providers.js';
import { PROVIDER_ID } from '../runtime/provider-id.js';
import * as runtime from '../runtime/provider-variable.js';

describe('the generator and the gateway agree', () => {
  const IDS: Readonly<Record<string, boolean>> = {
    github: true,
    '1forge.com': true,
    'open-meteo_v1': true,
    ['a'.repeat(64)]: true,
    ['a'.repeat(65)]: false,
    '': false,
    GitHub: false,
    '.hidden': false,
    'a/b': false,
  };
  for (const [id, want] of Object.entries(IDS)) {
    it(`that ${JSON.stringify(id)} is ${want ? 'a' : 'no'} provider's id`, () => {
      assert.deepEqual([isProviderId(id), PROVIDER_ID.test(id)], [want, want]);
    });
  }

  it('on the variables of a provider', () => {
    for (const { credentialVariable, upstreamVariable } of [generator, runtime]) {
      assert.equal(upstreamVariable('1forge.com'), 'TOLLGATE_UPSTREAM_1FORGE_COM');
      assert.equal(credentialVariable('open-meteo', 'api key-ü'), 'TOLLGATE_CREDENTIAL_OPEN_METEO_API_KEY__');
    }
  });
});
