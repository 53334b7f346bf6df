import assert from 'node:assert/strict';

import { normalized, withOperation } from './normalized.js';

const AUTHORIZATION = { name: 'authorization', in: 'header', required: true, schema: { type: 'string' } };
const SCHEME = { type: 'apiKey', in: 'header', name: 'Authorization' };
const BEARER = { type: 'http', scheme: 'bearer' };
const KEY = { type: 'apiKey', in: 'query', name: 'key' };

describe('a required header parameter Authorization', () => {
  const table: readonly [
    name: string,
    schemes: object,
    security: unknown,
    wantSchemes: object,
    wantSecurity: unknown,
  ][] = [
    ['is a credential that may be given', {}, undefined, { authorization: SCHEME }, [{ authorization: [] }, {}]],
    [
      'is given beside a credential of another place',
      { key: KEY },
      [{ key: [] }],
      { key: KEY, authorization: SCHEME },
      [{ key: [], authorization: [] }, { key: [] }],
    ],
    ['is the scheme that fills the header', { bearer: BEARER }, [{ bearer: [] }], { bearer: BEARER }, [{ bearer: [] }]],
    [
      'is the scheme that could fill the header, where nothing is required',
      { bearer: BEARER },
      undefined,
      { bearer: BEARER },
      [{ bearer: [] }, {}],
    ],
    [
      'takes no name that is taken',
      { authorization: KEY },
      undefined,
      { authorization: KEY, authorization_header: SCHEME },
      [{ authorization_header: [] }, {}],
    ],
  ];
  for (const [name, securitySchemes, security, wantSchemes, wantSecurity] of table) {
    it(name, () => {
      const operation = { parameters: [AUTHORIZATION], ...(security === undefined ? {} : { security }) };
      const read = normalized(withOperation(operation, { components: { securitySchemes } }));
      assert.deepEqual(read.securitySchemes, wantSchemes);
      assert.deepEqual(read.only().security, wantSecurity);
      assert.deepEqual(read.only().parameters, []);
    });
  }

  it('is a credential too where it is called Cookie, unless a cookie of the document is one', () => {
    const parameters = [{ name: 'Cookie', in: 'header', required: true, schema: { type: 'string' } }];
    const read = (securitySchemes: object, security: object[]) => {
      const document = withOperation({ parameters, security }, { components: { securitySchemes } });
      const result = normalized(document);
      const { security: alternatives, parameters: arguable } = result.only();
      return { schemes: result.securitySchemes, security: alternatives, parameters: arguable };
    };
    const cookie = { type: 'apiKey', in: 'header', name: 'Cookie' };
    assert.deepEqual(read({ bearer: BEARER }, [{ bearer: [] }]), {
      schemes: { bearer: BEARER, cookie },
      security: [{ bearer: [], cookie: [] }, { bearer: [] }],
      parameters: [],
    });
    const session = { type: 'apiKey', in: 'cookie', name: 'session' };
    assert.deepEqual(read({ session }, [{ session: [] }]), {
      schemes: { session },
      security: [{ session: [] }],
      parameters: [],
    });
  });

  it('is ignored where it is not required, or no longer by the operation', () => {
    const parameters = [{ ...AUTHORIZATION, required: false }];
    assert.deepEqual(normalized(withOperation({ parameters })).only().security, []);
    const pathItem = { parameters: [AUTHORIZATION] };
    assert.deepEqual(normalized(withOperation({ parameters }, { pathItem })).only().security, []);
    assert.deepEqual(normalized(withOperation({}, { pathItem })).only().security, [{ authorization: [] }, {}]);
  });
});
