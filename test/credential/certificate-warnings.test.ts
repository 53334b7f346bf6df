import assert from 'node:assert/strict';

import type { SecurityScheme } from '../../generated/contract.js';
import { certificateWarnings } from '../../runtime/credential/certificate-warnings.js';
import { Secret } from '../../runtime/credential/secret.js';
import { CERTIFICATES } from '../fixtures/test-certificates.js';
import { fixedValues } from './fixed-values.js';

const SCHEMES: Readonly<Record<string, SecurityScheme>> = {
  tls: { type: 'mutualTLS' },
  key: { type: 'apiKey', in: 'query', name: 'key' },
};
const PROVIDERS = new Map([
  ['acme', { id: 'acme', access: { securitySchemes: SCHEMES, credentials: { tls: { env: 'ACME_PEM' } } } }],
  ['open', { id: 'open' }],
]);
const OWN = 'TOLLGATE_CREDENTIAL_ACME_TLS';

function warnings(variables: Readonly<Record<string, string>>, at: string): readonly string[] {
  const values = fixedValues(new Map(Object.entries(variables).map(([name, value]) => [name, new Secret(value)])));
  return certificateWarnings(values, PROVIDERS, Date.parse(at));
}

describe('what is told of client certificates', () => {
  const CASES: readonly (readonly [
    name: string,
    variables: Readonly<Record<string, string>>,
    at: string,
    want: readonly string[],
  ])[] = [
    ['nothing where there is none', { TOLLGATE_CREDENTIAL_ACME_KEY: 'canary' }, '2026-01-01', []],
    ['nothing of one that is good', { [OWN]: CERTIFICATES.ada }, '2026-01-01', []],
    [
      'that it cannot be used, and nothing of the value',
      { [OWN]: 'canary' },
      '2026-01-01',
      [`${OWN} holds no client certificate that can be used: it has no block of PEM that is whole`],
    ],
    [
      'that its time is over, where provider.yaml names the variable',
      { ACME_PEM: CERTIFICATES.past },
      '2021-01-01',
      ['the client certificate in ACME_PEM was good until 2021-01-01T00:00:00.000Z: put the next one in its place'],
    ],
    ['nothing before the last tenth of its time', { [OWN]: CERTIFICATES.ada }, '2109-12-31', []],
    [
      'that it has to be renewed, in the last tenth of its time',
      { [OWN]: CERTIFICATES.ada },
      '2110-01-02',
      [`the client certificate in ${OWN} is good until 2120-01-01T00:00:00.000Z: renew it`],
    ],
    [
      'that its time has not begun',
      { [OWN]: CERTIFICATES.ada },
      '2019-12-31',
      [`the client certificate in ${OWN} is good from 2020-01-01T00:00:00.000Z on, and not before`],
    ],
  ];
  for (const [name, variables, at, want] of CASES) {
    it(`is ${name}`, () => assert.deepEqual(warnings(variables, at), want));
  }
});
