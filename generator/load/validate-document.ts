/**
 * Validates a document against the schema of its OpenAPI version, with swagger-parser. What it finds are warnings:
 * vendors publish documents that break the schema and work. It is given the parsed document and no way to reach a file
 * or the network; references are left as they are (dereferencing first, as it does by default, takes exponential time
 * on some documents and changes its input).
 */

import SwaggerParser from '@apidevtools/swagger-parser';
import type { Findings, Place } from '../report/findings.js';
import { valueAt } from './json-pointer.js';
import { openapiFaults, type SchemaError } from './openapi-faults.js';

/** Faults of one document that are listed; the number of the rest is said. */
const MAX_LISTED = 10;

/** Appends `invalid-openapi` warnings to the findings. The document is left unchanged. */
export async function validateDocument(
  document: Record<string, unknown>,
  provider: string,
  place: (pointer: string) => Place,
  findings: Findings,
): Promise<void> {
  // The schema of 3.1 rejects what 3.2 adds, and there is no other yet.
  if (typeof document['openapi'] === 'string' && /^3\.([2-9]|\d\d)/.test(document['openapi'])) return;
  const warn = (pointer: string, message: string): void => {
    const remedy = 'correct the document, or leave it: what cannot be read is listed by itself';
    findings.warnings.push({ provider, ...place(pointer), rule: 'invalid-openapi', message, remedy });
  };
  try {
    await SwaggerParser.validate(document as never, {
      resolve: { external: false, file: false, http: false },
      dereference: { circular: 'ignore', excludedPathMatcher: () => true },
      validate: { spec: false },
    });
  } catch (error) {
    const errors = (error as { details?: readonly SchemaError[] }).details;
    if (errors === undefined) return warn('', (error as Error).message.split('\n', 1)[0]!.toLowerCase());
    // The schema of 3.1 knows no reference in place of a path; what one leads to is read later.
    const own = errors.filter(({ instancePath }) => !isReference(valueAt(document, instancePath)));
    const faults = own.length === 0 ? [] : openapiFaults(own);
    for (const { pointer, message, places } of faults.slice(0, MAX_LISTED)) {
      const others = places === 1 ? '' : `, and so in ${places - 1} more place${places === 2 ? '' : 's'}`;
      warn(pointer, `${message}${others}`);
    }
    const rest = faults.length - MAX_LISTED;
    if (rest > 0) warn('', `breaks the OpenAPI schema in ${rest} more ways`);
  }
}

function isReference(value: unknown): boolean {
  return typeof value === 'object' && value !== null && '$ref' in value;
}
