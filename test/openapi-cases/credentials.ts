/** Rows 45 to 47 and 53: credentials, which the gateway's operator sets in its environment. */

import assert from 'node:assert/strict';

import { openapi, type OpenapiCase } from './openapi-case.js';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const CREDENTIALS: Readonly<Record<number, OpenapiCase>> = {
  45: {
    document: openapi(
      '3.1.0',
      `
paths:
  /things: { get: { operationId: listThings, security: [{ header: [read] }] } }
  /others: { get: { operationId: listOthers, security: [{ body: [] }] } }
components:
  securitySchemes:
    header: { type: oauth2, flows: { clientCredentials: { tokenUrl: "http://upstream.test/token", scopes: { read: Read } } } }
    body: { type: oauth2, flows: { clientCredentials: { tokenUrl: "http://upstream.test/body-token", scopes: {} } } }
`,
    ),
    environment: {
      TOLLGATE_CREDENTIAL_CASE_45_HEADER: 'ann:s3cret',
      TOLLGATE_CREDENTIAL_CASE_45_BODY: 'bob:s3cret',
    },
    answer: ({ url, headers }) => {
      const json = { 'content-type': 'application/json' };
      if (url === '/body-token' && headers.authorization !== undefined) {
        return { status: 401, headers: json, body: '{"error":"invalid_client"}' };
      }
      return { headers: json, body: url.endsWith('token') ? '{"access_token":"t0ken","expires_in":3600}' : '{}' };
    },
    prove: async ({ call, received }) => {
      for (const operation of ['list-things', 'list-things', 'list-others']) {
        assert.equal((await call(operation)).isError, false);
      }
      assert.deepEqual(
        received.map(({ method, url, headers, body }) => [method, url, headers.authorization, body]),
        [
          ['POST', '/token', `Basic ${base64('ann:s3cret')}`, 'grant_type=client_credentials&scope=read'],
          ['GET', '/things', 'Bearer t0ken', ''],
          ['GET', '/things', 'Bearer t0ken', ''],
          ['POST', '/body-token', `Basic ${base64('bob:s3cret')}`, 'grant_type=client_credentials'],
          ['POST', '/body-token', undefined, 'grant_type=client_credentials&client_id=bob&client_secret=s3cret'],
          ['GET', '/others', 'Bearer t0ken', ''],
        ],
      );
    },
  },

  46: {
    document: openapi(
      '3.1.0',
      `
paths:
  /things: { get: { operationId: listThings, security: [{ login: [] }] } }
components: { securitySchemes: { login: { type: http, scheme: Basic } } }
`,
    ),
    environment: { TOLLGATE_CREDENTIAL_CASE_46_LOGIN: 'sk_test:' },
    prove: async ({ send }) => {
      assert.equal((await send('list-things')).headers.authorization, `Basic ${base64('sk_test:')}`);
    },
  },

  47: {
    document: openapi(
      '3.1.0',
      `
paths:
  /query: { get: { operationId: byQuery, security: [{ inQuery: [] }], parameters: [{ name: q, in: query, schema: { type: string } }] } }
  /cookie: { get: { operationId: byCookie, security: [{ inCookie: [] }] } }
  /openid: { get: { operationId: byOpenId, security: [{ openId: [] }] } }
components:
  securitySchemes:
    inQuery: { type: apiKey, in: query, name: api_key }
    inCookie: { type: apiKey, in: cookie, name: sid }
    openId: { type: openIdConnect, openIdConnectUrl: "http://upstream.test/.well-known/openid-configuration" }
`,
    ),
    environment: {
      TOLLGATE_CREDENTIAL_CASE_47_INQUERY: 'k&1',
      TOLLGATE_CREDENTIAL_CASE_47_INCOOKIE: 'c0okie',
      TOLLGATE_CREDENTIAL_CASE_47_OPENID: 'r3ady-token',
    },
    prove: async ({ send }) => {
      assert.equal((await send('by-query', { q: 'x' })).url, '/query?q=x&api_key=k%261');
      assert.equal((await send('by-cookie')).headers.cookie, 'sid=c0okie');
      assert.equal((await send('by-open-id')).headers.authorization, 'Bearer r3ady-token');
    },
  },

  53: {
    document: openapi(
      '3.1.0',
      `
security: [{ first: [] }]
paths:
  /none: { get: { operationId: none, security: [] } }
  /either: { get: { operationId: either, security: [{ missing: [] }, { second: [] }, { first: [] }] } }
  /both: { get: { operationId: both, security: [{ first: [], missing: [] }, { first: [], second: [] }] } }
  /inherited: { get: { operationId: inherited } }
  /closed: { get: { operationId: closed, security: [{ missing: [] }] } }
components:
  securitySchemes:
    first: { type: apiKey, in: header, name: X-First }
    second: { type: apiKey, in: header, name: X-Second }
    missing: { type: apiKey, in: header, name: X-Missing }
`,
    ),
    environment: { TOLLGATE_CREDENTIAL_CASE_53_FIRST: 'one', TOLLGATE_CREDENTIAL_CASE_53_SECOND: 'two' },
    prove: async ({ send, refusal }) => {
      const keysOf = async (operation: string) => {
        const { headers } = await send(operation);
        return [headers['x-first'], headers['x-second'], headers['x-missing']];
      };
      assert.deepEqual(await keysOf('none'), [undefined, undefined, undefined]);
      assert.deepEqual(await keysOf('either'), [undefined, 'two', undefined]);
      assert.deepEqual(await keysOf('both'), ['one', 'two', undefined]);
      assert.deepEqual(await keysOf('inherited'), ['one', undefined, undefined]);
      assert.equal(await refusal('closed', {}), 'ENDPOINT_UNAVAILABLE');
    },
  },
};
