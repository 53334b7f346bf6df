import assert from 'node:assert/strict';
import { validateDocument } from '../../../generator/load/validate-document.js';
import { Findings } from '../../../generator/report/findings.js';

const place = (pointer: string) => ({ file: 'acme.yaml', pointer });
const responses = { 200: { description: 'ok' } };

/** Pointer and message of each warning about a document with this path. */
async function faultsOf(pathItem: object, openapi = '3.0.3', more: object = {}): Promise<string[][]> {
  const document = { openapi, info: { title: 'Acme', version: '1' }, paths: { '/a': pathItem }, ...more };
  const findings = new Findings();
  await validateDocument(document, 'acme', place, findings);
  assert.deepEqual([...new Set(findings.warnings.map(({ rule }) => rule))].join(), 'invalid-openapi');
  return findings.warnings.map(({ pointer, message }) => [pointer, message]);
}

describe('what the schema of OpenAPI says of a document', () => {
  const parameter = { name: 'q', in: 'query', schema: { type: 'object', properties: { x: { pattern: 7 } } } };
  const cases: [name: string, pathItem: object, openapi: string, want: string[][]][] = [
    [
      'is the word that is wrong, not what follows from it on every level above',
      { get: { parameters: [parameter], responses } },
      '3.0.3',
      [['/paths/~1a/get/parameters/0/schema/properties/x/pattern', '"pattern" must be string']],
    ],
    [
      'names a field that does not belong there, and leads to it',
      { get: { responses, 'a/b': 1 } },
      '3.0.3',
      [['/paths/~1a/get/a~1b', 'the field "a/b" does not belong here']],
    ],
    [
      'names a field that does not belong there in OpenAPI 3.1',
      { get: { responses, extra: 1 } },
      '3.1.0',
      [['/paths/~1a/get/extra', 'the field "extra" does not belong here']],
    ],
    [
      'names a field that is missing, and not the reference that could stand in its place',
      { get: { responses: { 200: {} } } },
      '3.0.3',
      [['/paths/~1a/get/responses/200', 'the field "description" is missing']],
    ],
    [
      'lists the values that are allowed',
      { get: { responses, parameters: [{ ...parameter, schema: { type: 'strin' } }] } },
      '3.0.3',
      [
        [
          '/paths/~1a/get/parameters/0/schema/type',
          '"type" must be "array", "boolean", "integer", "number", "object", "string"',
        ],
      ],
    ],
    [
      'is told of the alternative that fits best',
      { get: { responses, parameters: [{ name: 'q', in: 'path', schema: {} }] } },
      '3.0.3',
      [['/paths/~1a/get/parameters/0', 'the field "required" is missing']],
    ],
    [
      'is told once, with the number of places',
      { get: { responses: { 200: {}, 400: {}, 500: {} } } },
      '3.0.3',
      [['/paths/~1a/get/responses/200', 'the field "description" is missing, and so in 2 more places']],
    ],
  ];
  for (const [name, pathItem, openapi, want] of cases) {
    it(name, async () => assert.deepEqual(await faultsOf(pathItem, openapi), want));
  }

  it('is at most ten faults and how many more there are', async () => {
    const extra = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`extra${index}`, 1]));
    const faults = await faultsOf({ get: { responses, ...extra } });
    assert.equal(faults.length, 11);
    assert.deepEqual(faults.at(-1), ['', 'breaks the OpenAPI schema in 2 more ways']);
  });
});
