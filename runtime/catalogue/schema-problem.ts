/** What JSON Schema validation found, in words that name the value, its place and what would be right. */

import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';

import { escapeToken } from '../json-pointer.js';
import { shownValue } from './shown-value.js';

export interface Problem {
  /** JSON pointer into the arguments. */
  readonly pointer: string;
  readonly message: string;
}

/** What the last check has found. It has the values that it is of, which a check that is kept must not keep until its next. */
export function takenErrors(validate: ValidateFunction): readonly ErrorObject[] {
  const { errors } = validate;
  validate.errors = null;
  return errors ?? [];
}

/**
 * @param error Ajv's, with the value (`verbose`).
 * @param owner whose arguments they are, as the message calls it: `this endpoint`, `browse_apis`.
 */
export function schemaProblem(error: ErrorObject, owner: string): Problem {
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(error.params.additionalProperty ?? error.params.unevaluatedProperty);
      return { pointer: `${error.instancePath}/${escapeToken(name)}`, message: `is no argument of ${owner}` };
    }
    case 'required':
      return {
        pointer: `${error.instancePath}/${escapeToken(String(error.params.missingProperty))}`,
        message: 'is missing',
      };
    case 'enum': {
      const allowed = (error.params.allowedValues as unknown[]).slice(0, 20).map((item) => JSON.stringify(item));
      return { pointer: error.instancePath, message: `must be one of ${allowed.join(', ')}${valueOf(error)}` };
    }
    case 'const':
      return {
        pointer: error.instancePath,
        message: `must be ${JSON.stringify(error.params.allowedValue)}${valueOf(error)}`,
      };
    default:
      return {
        pointer: error.instancePath,
        message: `${error.message ?? `fails "${error.keyword}"`}${valueOf(error)}`,
      };
  }
}

/** What is said of the value behind what would be right. */
function valueOf({ data, keyword, message, params, instancePath, parentSchema }: ErrorObject): string {
  const isWhole = typeof data === 'object' && data !== null;
  // Of an array that is too long, its kind says nothing.
  if (message?.startsWith('must') !== true || (isWhole && !NAMES_A_VALUE.has(keyword))) return '';
  const isText = keyword === 'type' && typeof data === 'string' && HOLDS_VALUES.has(String(params.type));
  // A text in the place of an object holds what the object would.
  const shown = isText ? 'a text' : shownValue(data, namesOf(instancePath), parentSchema);
  return shown === undefined ? '' : `, but is ${shown}`;
}

const NAMES_A_VALUE = new Set(['type', 'enum', 'const']);
const HOLDS_VALUES = new Set(['object', 'array']);

function namesOf(pointer: string): readonly string[] {
  return pointer.split('/').slice(1);
}
