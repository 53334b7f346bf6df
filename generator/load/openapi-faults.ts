/**
 * What Ajv says of a document that breaks the schema of OpenAPI → what a maintainer can use: the causes and not what
 * follows from them, each fault once however many places have it, with the name of what is wrong. Ajv reports every
 * branch of every alternative that failed, so that one wrong word in a schema gives a dozen messages.
 */

import { escapeToken, pointerTokens } from './json-pointer.js';

/** An error of Ajv, as far as it is read here. */
export interface SchemaError {
  readonly keyword: string;
  /** JSON pointer into the document. */
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

export interface OpenapiFault {
  /** Of the first place that has it. */
  readonly pointer: string;
  readonly message: string;
  /** How many places have it. */
  readonly places: number;
}

/** Keywords whose failure only says that something within them failed. */
const CONSEQUENCES = new Set(['oneOf', 'anyOf', 'if']);
/** Errors that are looked at: a document with more of them has the same few faults everywhere. */
const MAX_ERRORS = 2_000;

/** In the order of their first places. */
export function openapiFaults(errors: readonly SchemaError[]): readonly OpenapiFault[] {
  const read = errors.slice(0, MAX_ERRORS);
  const lesser = lesserBranches(read);
  const causes = read.filter((error) => !CONSEQUENCES.has(error.keyword) && !isOther(error) && !lesser.has(error));
  const faults = new Map<string, { pointer: string; pointers: Set<string> }>();
  for (const error of causes.length > 0 ? causes : read.slice(0, 1)) {
    const { pointer, message } = describe(error);
    const known = faults.get(message);
    if (known === undefined) faults.set(message, { pointer, pointers: new Set([pointer]) });
    else known.pointers.add(pointer);
  }
  return [...faults].map(([message, { pointer, pointers }]) => ({ pointer, message, places: pointers.size }));
}

/** That an object is no Reference Object either: what it was meant to be is told beside it. */
function isOther({ keyword, params, schemaPath }: SchemaError): boolean {
  return keyword === 'required' && params['missingProperty'] === '$ref' && /reference/i.test(schemaPath);
}

/** Of an alternative's branches all but the one that fits best: with the fewest errors, the first of equals. */
function lesserBranches(errors: readonly SchemaError[]): ReadonlySet<SchemaError> {
  const lesser = new Set<SchemaError>();
  for (const { keyword, schemaPath, instancePath } of errors) {
    if (keyword !== 'oneOf' && keyword !== 'anyOf') continue;
    const branches = new Map<string, SchemaError[]>();
    for (const error of errors) {
      const isWithin = error.instancePath === instancePath || error.instancePath.startsWith(`${instancePath}/`);
      if (!isWithin || !error.schemaPath.startsWith(`${schemaPath}/`)) continue;
      const index = error.schemaPath.slice(schemaPath.length + 1).split('/', 1)[0]!;
      const branch = branches.get(index);
      if (branch === undefined) branches.set(index, [error]);
      else branch.push(error);
    }
    const lists = [...branches.values()];
    const best = lists.find((list) => lists.every((other) => other.length >= list.length));
    for (const list of lists) if (list !== best) for (const error of list) lesser.add(error);
  }
  return lesser;
}

/** The message with the names that Ajv keeps beside it, and the place of an unknown field itself. */
function describe({ keyword, instancePath, params, message }: SchemaError): { pointer: string; message: string } {
  const unknown = params['additionalProperty'] ?? params['unevaluatedProperty'];
  if (typeof unknown === 'string') {
    const text = `the field ${JSON.stringify(unknown)} does not belong here`;
    return { pointer: `${instancePath}/${escapeToken(unknown)}`, message: text };
  }
  if (keyword === 'required') {
    const missing = `the field ${JSON.stringify(params['missingProperty'])} is missing`;
    return { pointer: instancePath, message: missing };
  }
  const field = JSON.stringify(pointerTokens(instancePath).at(-1) ?? 'the document');
  const allowed = params['allowedValues'];
  if (keyword === 'enum' && Array.isArray(allowed)) {
    const values = allowed.map((value) => JSON.stringify(value)).join(', ');
    return { pointer: instancePath, message: `${field} must be ${values}` };
  }
  return { pointer: instancePath, message: `${field} ${message ?? 'breaks the schema'}` };
}
