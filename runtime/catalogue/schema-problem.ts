/** What JSON Schema validation found, in words that name the value's place and what would be right. */

import type { ErrorObject } from 'ajv/dist/2020.js';

export interface Problem {
  /** JSON pointer into the arguments. */
  readonly pointer: string;
  readonly message: string;
}

/**
 * @param error Ajv's.
 * @param owner whose arguments they are, as the message calls it: `this endpoint`, `browse_apis`.
 */
export function schemaProblem(error: ErrorObject, owner: string): Problem {
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(error.params.additionalProperty ?? error.params.unevaluatedProperty);
      return { pointer: `${error.instancePath}/${escape(name)}`, message: `is no argument of ${owner}` };
    }
    case 'required':
      return {
        pointer: `${error.instancePath}/${escape(String(error.params.missingProperty))}`,
        message: 'is missing',
      };
    case 'enum': {
      const allowed = (error.params.allowedValues as unknown[]).slice(0, 20).map((item) => JSON.stringify(item));
      return { pointer: error.instancePath, message: `must be one of ${allowed.join(', ')}` };
    }
    case 'const':
      return { pointer: error.instancePath, message: `must be ${JSON.stringify(error.params.allowedValue)}` };
    default:
      return { pointer: error.instancePath, message: error.message ?? `fails "${error.keyword}"` };
  }
}

function escape(segment: string): string {
  return segment.replaceAll('~', '~0').replaceAll('/', '~1');
}
