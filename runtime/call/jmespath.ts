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

/**
 * The expression's value over a JSON document; undefined where evaluating it fails (a function on a wrong type).
 * @param exact as `select` has it.
 */
export function evaluate(expression: string, document: unknown, exact: unknown = document): unknown {
  try {
    const parsed = parseExpression(expression);
    return searchWithinBounds(parsed, exact !== document && computes(parsed) ? document : exact);
  } catch {
    // The expressions of a catalogue were checked when it was made, so whatever is thrown depends on the document.
    return undefined;
  }
}

/**
 * What the expression takes from a JSON document, small enough to be shown; or why it takes nothing.
 * @param exact the document with the numbers that no double holds. They are taken as they are by an expression that only
 *   chooses; one that computes is given doubles, and then the value `isRounded`.
 */
export function select(
  expression: string,
  document: unknown,
  exact: unknown = document,
): { readonly value: unknown; readonly isRounded: boolean } | { readonly fault: string } {
  try {
    const parsed = parseExpression(expression);
    const isRounded = exact !== document && computes(parsed);
    const value = searchWithinBounds(parsed, isRounded ? document : exact);
    checkWritable(value);
    return { value, isRounded };
  } catch (error) {
    // A caller's expression was parsed before the call, so here too it is the document that it does not go with.
    return { fault: (error as Error).message };
  }
}

/** Functions and arithmetic look into numbers, and a wildcard into whatever it is given. */
const COMPUTING = new Set(['Function', 'Arithmetic', 'Unary', 'ValueProjection']);

function computes(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if ('type' in node && COMPUTING.has(String(node.type))) return true;
  return Object.values(node).some(computes);
}

/** JMESPath's own truth: false, null, and what is empty are false, and zero is true. */
export function isTruthy(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  if (Array.isArray(value)) return value.length > 0;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
