/**
 * The arguments of a call as they are sent, once they fit the endpoint's schema. Agents whose own JSON has doubles alone,
 * as JavaScript's has, cannot write a 64-bit integer as a number: where the schema takes one and no text, a text of its
 * digits counts as that number.
 */

import type { ArgumentValidator } from '../catalogue/argument-validator.js';
import type { LoadedEndpoint } from '../catalogue/catalogue.js';
import type { Problem } from '../catalogue/schema-problem.js';
import { shortened } from '../catalogue/shown-value.js';
import { ExactNumber, exactOf, plainInteger } from '../exact-numbers.js';
import { pointerTokens } from '../json-pointer.js';
import type { CanonicalArguments } from './canonical-arguments.js';
import { checkProblems } from './refusal.js';

type Arguments = CanonicalArguments['value'];

/** @throws GatewayError INVALID_ARGUMENTS */
export function fittingArguments(
  validator: ArgumentValidator,
  endpoint: LoadedEndpoint,
  { value, rounded, text }: CanonicalArguments,
): Arguments {
  const problems = withDigits(validator.problems(endpoint, rounded), value);
  if (problems.length === 0) return value;
  const pointers = validator.integersAsText(endpoint, rounded);
  // There are problems, so this throws.
  if (pointers.length === 0) checkProblems(endpoint.descriptor.id, problems);

  const read = JSON.parse(text) as Arguments;
  const sent = exactOf(text, JSON.parse(text), plainInteger) as Arguments;
  for (const pointer of pointers) {
    const digits = valueAt(read, pointer) as string;
    setAt(read, pointer, Number(digits));
    setAt(sent, pointer, new ExactNumber(digits));
  }
  checkProblems(endpoint.descriptor.id, withDigits(validator.problems(endpoint, read), sent));
  return sent;
}

/** A schema is held against doubles, and a problem is told of the number that the caller sent. */
function withDigits(problems: readonly Problem[], sent: Arguments): readonly Problem[] {
  return problems.map((problem) => {
    const value = valueAt(sent, problem.pointer);
    if (!(value instanceof ExactNumber)) return problem;
    return { ...problem, message: problem.message.replace(/(?<=, but is )\S+$/, shortened(value.digits)) };
  });
}

/** Undefined where there is nothing: a problem may be that an argument is missing. */
function valueAt(value: unknown, pointer: string): unknown {
  return pointerTokens(pointer).reduce((at, name) => (at as Record<string, unknown> | undefined)?.[name], value);
}

/** The place is there already, as a value's own member. */
function setAt(value: unknown, pointer: string, member: unknown): void {
  const slash = pointer.lastIndexOf('/');
  const [name = ''] = pointerTokens(pointer.slice(slash));
  (valueAt(value, pointer.slice(0, slash)) as Record<string, unknown>)[name] = member;
}
