import assert from 'node:assert/strict';

import type { CatalogueProvider, SecurityScheme } from '../generated/contract.js';
import { unmatchedVariables, type ProviderVariables } from '../runtime/unmatched-variables.js';
import { startTestGateway } from './fixtures/test-gateway.js';

const KEY: SecurityScheme = { type: 'apiKey', in: 'header', name: 'X-Key' };

function provider(id: string, schemes: readonly string[], env?: string): [string, CatalogueProvider] {
  const access = {
    securitySchemes: Object.fromEntries(schemes.map((name) => [name, KEY])),
    credentials: env === undefined ? {} : { [schemes[0]!]: { env } },
    needs: [],
  };
  const seller = { id, name: id };
  const one = { id, title: id, summary: '', categories: [], seller, endpoints: 1 };
  return [id, schemes.length === 0 ? one : { ...one, access }];
}

const PROVIDERS = new Map([
  provider('github', ['bearer'], 'GITHUB_TOKEN'),
  provider('open-weather', ['appid', 'jwt']),
  provider('acme', ['one', 'two', 'three', 'four', 'five'], 'TOLLGATE_CREDENTIAL_SHARED'),
  provider('arxiv', []),
]);

describe('variables for single providers', () => {
  const warnings = (given: Partial<ProviderVariables>): readonly string[] =>
    unmatchedVariables({ credentialVariables: [], upstreamVariables: [], privateUpstreams: [], ...given }, PROVIDERS);

  const CREDENTIALS: readonly (readonly [name: string, given: readonly string[], want: readonly string[]])[] = [
    ['one that a scheme reads', ['GITHUB_BEARER'], []],
    ['one that provider.yaml names', ['SHARED'], []],
    ['a file of it', ['OPEN_WEATHER_APPID_FILE'], []],
    ['several keys', ['OPEN_WEATHER_APPID', 'OPEN_WEATHER_APPID_1', 'OPEN_WEATHER_APPID_2'], []],
    [
      'a misspelt provider',
      ['GITHBU_BEARER'],
      ['TOLLGATE_CREDENTIAL_GITHBU_BEARER: did you mean TOLLGATE_CREDENTIAL_GITHUB_BEARER?'],
    ],
    [
      'a misspelt scheme',
      ['OPEN_WEATHER_APID_FILE'],
      ['TOLLGATE_CREDENTIAL_OPEN_WEATHER_APID_FILE: did you mean TOLLGATE_CREDENTIAL_OPEN_WEATHER_APPID_FILE?'],
    ],
    [
      'lower case',
      ['github_bearer'],
      ['TOLLGATE_CREDENTIAL_github_bearer: did you mean TOLLGATE_CREDENTIAL_GITHUB_BEARER?'],
    ],
    [
      'a scheme of another name altogether',
      ['GITHUB_PERSONAL_ACCESS_TOKEN'],
      [
        "TOLLGATE_CREDENTIAL_GITHUB_PERSONAL_ACCESS_TOKEN: that provider's are TOLLGATE_CREDENTIAL_GITHUB_BEARER, GITHUB_TOKEN",
      ],
    ],
    [
      'the same of a provider with many schemes',
      ['ACME_PERSONAL_ACCESS_TOKEN'],
      [
        "TOLLGATE_CREDENTIAL_ACME_PERSONAL_ACCESS_TOKEN: that provider's are TOLLGATE_CREDENTIAL_ACME_ONE, " +
          'TOLLGATE_CREDENTIAL_ACME_TWO, TOLLGATE_CREDENTIAL_ACME_THREE, TOLLGATE_CREDENTIAL_ACME_FOUR, …',
      ],
    ],
    ['a provider that needs none', ['ARXIV_KEY'], ['TOLLGATE_CREDENTIAL_ARXIV_KEY: that provider needs no credential']],
    [
      'nothing like any',
      ['ZZZZZZZZZZ'],
      ['TOLLGATE_CREDENTIAL_ZZZZZZZZZZ: the catalogue has no provider that this could be'],
    ],
    [
      'a gap among several keys',
      ['GITHUB_BEARER_1', 'GITHUB_BEARER_3'],
      [
        'TOLLGATE_CREDENTIAL_GITHUB_BEARER_3: TOLLGATE_CREDENTIAL_GITHUB_BEARER_2 is not set, and keys are numbered from 1 on without a gap',
      ],
    ],
  ];
  for (const [name, given, want] of CREDENTIALS) {
    it(`says of credentials, given ${name}: ${want.length === 0 ? 'nothing' : 'the name and the remedy'}`, () => {
      assert.deepEqual(
        warnings({ credentialVariables: given.map((each) => `TOLLGATE_CREDENTIAL_${each}`) }),
        want.map((line) => `nothing reads the variable ${line}`),
      );
    });
  }

  it('says which upstream is of no provider, and which one was meant', () => {
    assert.deepEqual(
      warnings({
        upstreamVariables: [
          'TOLLGATE_UPSTREAM_OPEN_WEATHER',
          'TOLLGATE_UPSTREAM_OPENWEATHER',
          'TOLLGATE_UPSTREAM_QQQQ',
        ],
      }),
      [
        'nothing reads the variable TOLLGATE_UPSTREAM_OPENWEATHER: did you mean TOLLGATE_UPSTREAM_OPEN_WEATHER?',
        'nothing reads the variable TOLLGATE_UPSTREAM_QQQQ: the catalogue has no provider that this could be',
      ],
    );
  });

  it('says which provider of those with a private upstream there is not', () => {
    assert.deepEqual(warnings({ privateUpstreams: ['*', 'acme', 'open_weather'] }), [
      'TOLLGATE_ALLOW_PRIVATE_UPSTREAMS names "open_weather": did you mean "open-weather"?',
    ]);
  });

  it('are told of by /readyz, which stays ready, without a value', async function () {
    this.timeout(20_000);
    const gateway = await startTestGateway({ TOLLGATE_CREDENTIAL_NASA_APIKEY: 'canary' });
    try {
      const answer = await fetch(`${gateway.url}/readyz`);
      assert.equal(answer.status, 200);
      assert.deepEqual(await answer.json(), {
        status: 'ready',
        problems: [],
        warnings: [
          'nothing reads the variable TOLLGATE_CREDENTIAL_NASA_APIKEY: did you mean TOLLGATE_CREDENTIAL_NASA_API_KEY?',
        ],
      });
    } finally {
      await gateway.close();
    }
  });
});
