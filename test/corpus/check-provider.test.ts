import assert from 'node:assert/strict';

import type { EndpointDescriptor, JsonSchema, ProviderFile } from '../../generator/contract.js';
import { checkProvider } from './check-provider.js';

/** A provider of one endpoint, as far as the check reads it. */
function providerOf(
  schema: JsonSchema,
  example: Readonly<Record<string, unknown>>,
  definitions: Readonly<Record<string, JsonSchema>> = {},
): ProviderFile {
  const endpoint = { id: 'acme/get-a', arguments: schema, example } as unknown as EndpointDescriptor;
  return { provider: { id: 'acme' }, definitions, endpoints: [endpoint] } as unknown as ProviderFile;
}

describe('what Ajv makes of a provider', () => {
  const tree = { properties: { next: { $ref: '#/$defs/Tree' }, name: { type: 'string', pattern: '^[a-z]+$' } } };
  const body = { type: 'object', properties: { body: { $ref: '#/$defs/Tree' } }, required: ['body'] };

  it('is nothing to say of a schema that compiles and an example that satisfies it, circles included', () => {
    const file = providerOf(body, { body: { next: { name: 'a' } } }, { Tree: tree });
    assert.deepEqual(checkProvider(file), { schemas: 1, examples: 1, failures: [] });
  });

  const faults: [name: string, file: ProviderFile, of: string, check: string][] = [
    ['an example that breaks its schema', providerOf(body, {}, { Tree: tree }), 'acme/get-a', 'example'],
    [
      'an example that breaks a shared schema',
      providerOf(body, { body: { next: { name: 'A' } } }, { Tree: tree }),
      'acme/get-a',
      'example',
    ],
    ['a reference that leads nowhere', providerOf(body, { body: {} }), 'acme/get-a', 'schema'],
    ['a schema that is none', providerOf({ type: 'strin' }, {}), 'acme/get-a', 'schema'],
    [
      'a shared schema that is none',
      providerOf({ type: 'object' }, {}, { Tree: { required: 'name' } }),
      'acme#/$defs/Tree',
      'schema',
    ],
    [
      'a pattern that takes more than linear time',
      providerOf({ properties: { a: { pattern: '(?<!a)b' } } }, {}),
      'acme/get-a',
      'schema',
    ],
  ];
  for (const [name, file, of, check] of faults) {
    it(`tells ${name}`, () => {
      assert.deepEqual(
        checkProvider(file).failures.map((failure) => [failure.of, failure.check]),
        [[of, check]],
      );
    });
  }
});
