/**
 * JMESPath, for `select`, `void_if` and meters: compiled once an expression, evaluated without side effects and within
 * bounds of time and memory.
 */

import { compile } from '@jmespath-community/jmespath';
import { LRUCache } from 'lru-cache';

import { checkWritable, searchWithinBounds } from './bounded-interpreter.js';

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
    return searchWithinBounds(parseExpression(expression), document);
  } catch {
    // The expressions of a catalogue were checked when it was made, so whatever is thrown depends on the document.
    return undefined;
  }
}

/** What the expression takes from a JSON document, small enough to be shown; or why it takes nothing. */
export function select(
  expression: string,
  document: unknown,
): { readonly value: unknown } | { readonly fault: string } {
  try {
    const value = searchWithinBounds(parseExpression(expression), document);
    checkWritable(value);
    return { value };
  } catch (error) {
    // A caller's expression was parsed before the call, so here too it is the document that it does not go with.
    return { fault: (error as Error).message };
  }
}

/** JMESPath's own truth: false, null, and what is empty are false, and zero is true. */
export function isTruthy(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
