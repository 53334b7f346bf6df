/** What a Schema Object says and its reading does not, in words. */

import type { Reporter } from './reporter.js';
import { childPointer } from './schema-graph.js';

export type SchemaLoss =
  'invalid-schema' | 'deep-schema' | 'dangling-ref' | 'circular-ref' | 'unusable-pattern' | 'unlisted-subtypes';

export const REMEDIES: Readonly<Record<SchemaLoss, string>> = {
  'invalid-schema': 'write it as the JSON Schema of the OpenAPI version says, or remove it',
  'deep-schema': 'name the inner schemas under components and refer to them',
  'dangling-ref': 'correct the $ref, or add what it refers to',
  'circular-ref': 'write the schema that is meant in place of one of these references',
  'unusable-pattern':
    'write the pattern without look-around, back-references and counts above 1000; the service checks too',
  'unlisted-subtypes': 'list those that callers need under oneOf, in an overlay',
};

/** Reports a keyword, or the whole schema (`schema`), which then allows anything. */
export function dropFrom(
  reporter: Reporter,
  pointer: string,
  what: string,
  why: string,
  lost: SchemaLoss = 'invalid-schema',
): void {
  reporter.loss(what === 'schema' ? pointer : childPointer(pointer, what), {
    rule: lost,
    what: what === 'schema' ? 'a schema' : `the schema keyword ${what}`,
    why,
    remedy: REMEDIES[lost],
  });
}
