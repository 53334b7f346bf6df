/** Rows 42 to 44 and 55: what comes back. */

import assert from 'node:assert/strict';

import { openapi, type OpenapiCase, type ProviderAnswer } from './openapi-case.js';

const PNG = Buffer.from('89504e470d0a1a0a00ff', 'hex');
const WAV = Buffer.from('5249464600000000574156450080ff', 'hex');
const PDF = Buffer.from('255044462d312e370a80ff0d0a', 'hex');

export const ANSWERS: Readonly<Record<number, OpenapiCase>> = {
  42: {
    document: openapi(
      '3.1.0',
      'paths: { /missing: { get: { operationId: missing } }, /busy: { get: { operationId: busy } } }',
    ),
    answer: ({ url }): ProviderAnswer =>
      url === '/busy'
        ? { status: 503, headers: { 'content-type': 'text/plain', 'retry-after': '17' }, body: 'come back later' }
        : { status: 404, headers: { 'content-type': 'application/problem+json' }, body: '{"title":"no such thing"}' },
    prove: async ({ call }) => {
      const missing = await call('missing');
      assert.equal(missing.isError, true);
      const { code, status, body, retryable, charged } = missing.answer;
      assert.deepEqual(
        { code, status, body, retryable, charged },
        {
          code: 'UPSTREAM_ERROR',
          status: 404,
          body: { title: 'no such thing' },
          retryable: false,
          charged: '0.000000',
        },
      );
      const busy = await call('busy');
      assert.equal(busy.isError, true);
      assert.deepEqual(
        [busy.answer.status, busy.answer.body, busy.answer.retryable, busy.answer.retry_after_seconds],
        [503, 'come back later', true, 17],
      );
    },
  },

  43: {
    document: openapi(
      '3.1.0',
      `
paths:
  /image: { get: { operationId: image, responses: { "200": { description: ok, content: { image/png: {} } } } } }
  /sound: { get: { operationId: sound, responses: { "200": { description: ok, content: { audio/wav: {} } } } } }
  /paper: { get: { operationId: paper, responses: { "200": { description: ok, content: { application/pdf: {} } } } } }
`,
    ),
    answer: ({ url }) => {
      if (url === '/image') return { headers: { 'content-type': 'image/png' }, body: PNG };
      if (url === '/sound') return { headers: { 'content-type': 'audio/wav' }, body: WAV };
      return { headers: { 'content-type': 'application/pdf' }, body: PDF };
    },
    prove: async ({ call }) => {
      const contentOf = async (operation: string) => (await call(operation)).content;
      const [image] = (await contentOf('image')).filter(({ type }) => type === 'image');
      assert.deepEqual(image, { type: 'image', mimeType: 'image/png', data: PNG.toString('base64') });
      const [sound] = (await contentOf('sound')).filter(({ type }) => type === 'audio');
      assert.deepEqual(sound, { type: 'audio', mimeType: 'audio/wav', data: WAV.toString('base64') });
      const [paper] = (await contentOf('paper')).filter(({ type }) => type === 'resource');
      const { mimeType, blob } = paper?.resource as { mimeType: string; blob: string };
      assert.deepEqual([mimeType, blob], ['application/pdf', PDF.toString('base64')]);
    },
  },

  44: {
    document: {
      'openapi.yaml': openapi(
        '3.1.0',
        'paths: { /large: { get: { operationId: large } }, /huge: { get: { operationId: huge } }, /larger: { get: { operationId: larger } } }',
      ),
      'provider.yaml': 'limits: { maxResponseBytes: 200000 }\n',
    },
    answer: ({ url }) => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        first: 'the first',
        items: Array.from({ length: url === '/large' ? 5_000 : url === '/huge' ? 25_000 : 50_000 }, (_, n) => n),
      }),
    }),
    prove: async ({ call }) => {
      const selected = await call('large', {}, { select: 'first' });
      assert.equal(selected.answer.body, 'the first');
      const { answer: shown } = await call('huge');
      const { items } = shown.body as { items: number[] };
      assert.deepEqual(
        [shown.body_preview, shown.body_cut],
        [true, [{ pointer: '/items', kept: items.length, of: 25_000, unit: 'items' }]],
      );
      assert.deepEqual(
        items,
        Array.from({ length: items.length }, (_, n) => n),
      );
      const refused = await call('larger');
      assert.deepEqual(
        [refused.isError, refused.answer.code, refused.answer.charged],
        [true, 'UPSTREAM_ANSWER_TOO_LARGE', '0.000000'],
      );
    },
  },

  55: {
    document: openapi(
      '3.1.0',
      `
paths:
  /empty: { delete: { operationId: empty, responses: { "200": { description: Gone for good } } } }
  /default:
    get:
      operationId: byDefault
      responses: { default: { description: Whatever comes, content: { application/json: { schema: { type: object } } } } }
`,
    ),
    answer: ({ url }) => (url === '/empty' ? { headers: {}, body: '' } : {}),
    prove: async ({ describe, call }) => {
      assert.deepEqual((await describe('empty')).response, { status: '200' });
      assert.deepEqual((await describe('by-default')).response, {
        status: 'default',
        content_type: 'application/json',
        schema: { type: 'object' },
      });
      const { isError, answer } = await call('empty');
      assert.deepEqual([isError, answer.status, answer.body], [false, 200, null]);
    },
  },
};
