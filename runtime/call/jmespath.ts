/** JMESPath, for `select`, `void_if` and meters: compiled once an expression, evaluated without side effects. */

import { compile, TreeInterpreter, type JSONValue } from '@jmespath-community/jmespath';
import { LRUCache } from 'lru-cache';

const MAX_EXPRESSION_LENGTH = 1_000;
const compiled = new LRUCache<string, ReturnType<typeof compile>>({ max: 1_000 });

/**
 * Parses an expression.
 * @throws Error that says where the expression is wrong.
 */
export function parseExpression(expression: string): ReturnType<typeof compile> {
  let ast = compiled.get(expression);
  if (ast === undefined) {
    if (expression.length > MAX_EXPRESSION_LENGTH) {
      throw new Error(
        `the expression has ${expression.length} characters, at most ${MAX_EXPRESSION_LENGTH} are allowed`,
      );
    }
    ast = compile(expression);
    compiled.set(expression, ast);
  }
  return ast;
}

/** The expression's value over a JSON document; undefined where evaluating it fails (a function on a wrong type). */
export function evaluate(expression: string, document: unknown): unknown {
  try {
    return TreeInterpreter.search(parseExpression(expression), document as JSONValue);
  } catch {
    // JMESPath raises type errors that depend on the document; to every caller here that is "no value".
    return undefined;
  }
}

/** JMESPath's own truth: false, null, and what is empty are false, and zero is true. */
export function isTruthy(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
