import assert from 'node:assert/strict';

import { normalized, withOperation } from './normalized.js';

describe('the example of an operation', () => {
  const bodies: [name: string, schema: object, want: unknown][] = [
    ['shows what is required', { required: ['a'], properties: { a: { type: 'string' }, b: {} } }, { a: 'example' }],
    [
      'shows one property of an object that requires none, so that a form can say it',
      {
        required: ['profile'],
        properties: { profile: { type: 'object', properties: { headline: { type: 'string' }, link: {} } } },
      },
      { profile: { headline: 'example' } },
    ],
    [
      'leaves an object empty that may have no properties',
      { required: ['none'], properties: { none: { type: 'object', properties: { a: {} }, maxProperties: 0 } } },
      { none: {} },
    ],
  ];
  for (const [name, schema, want] of bodies) {
    it(name, () => {
      const content = { 'application/x-www-form-urlencoded': { schema: { type: 'object', ...schema } } };
      const document = withOperation({ requestBody: { required: true, content } });
      assert.deepEqual(normalized(document).only().example, { body: want });
    });
  }
});
