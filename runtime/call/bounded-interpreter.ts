/**
 * A JMESPath interpreter that stops. The language has no loops, and yet an expression of a few hundred characters over
 * a large document can take hours (a projection of the root inside a projection of the root), or mean a value that fits
 * no memory (each `[@,@]` of a pipe doubles it). So each step has a cost, and an evaluation has so much to spend.
 *
 * It also restricts fields to what the document has: `constructor` is no field of an object that does not name it. And
 * it runs only what was parsed: the library takes any object with a member `expref` for an expression, even one of the
 * document, whose steps no parsed expression could have.
 */

import { TreeInterpreter, type JSONValue } from '@jmespath-community/jmespath';

import { ExactNumber, rounded } from '../exact-numbers.js';
import { isObject } from '../is-object.js';
import { BOUNDED_FUNCTIONS, type FunctionContext } from './bounded-functions.js';

type Interpreter = typeof TreeInterpreter;
type Node = Parameters<Interpreter['visit']>[0];

/** A step into the expression, or into a list or an object, costs this much; an element of a list or a character of a text costs 1. */
const STEP = 10;
/** A scope gets an interpreter of its own. */
const SCOPE = 2_500;
/** The library looks at the type of each element before a function sees it, and takes texts apart into characters. */
const ELEMENT_OF_ARGUMENT = 3;
/** A list is copied element by element. */
const ELEMENT_OF_LIST = 3;
/** Lists of lists, of which each is made anew. */
const ELEMENT_OF_PAIRS = 20;
/** About a quarter of a second: enough for a look at each of 100,000 elements. */
const MOST = 6_000_000;

/** What the evaluation may still spend. */
class Budget {
  #left = MOST;

  renew(): void {
    this.#left = MOST;
  }

  /** @throws RangeError where it is more than what is left */
  spend(cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw new RangeError('it takes too much work on this document, or makes too much of it');
  }

  /** Spends as much as the value takes when it is written out. A part that occurs several times counts each time. */
  spendWritten(value: unknown): void {
    if (typeof value === 'string') return this.spend(value.length);
    if (typeof value !== 'object' || value === null) return this.spend(1);
    this.spend(STEP);
    if (Array.isArray(value)) {
      for (const item of value) this.spendWritten(item);
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      this.spend(key.length);
      this.spendWritten(item);
    }
  }
}

const budget = new Budget();
/** The expressions that were handed to functions, such as `&name`. */
const references = new WeakSet<object>();
const interpreter = bounded(new (TreeInterpreter.constructor as new () => Interpreter)());

/**
 * The value of an expression over a document.
 * @throws Error where a function is given a wrong type; RangeError where it would take too much.
 */
export function searchWithinBounds(expression: Node, document: unknown): unknown {
  // Evaluation is synchronous, so one budget serves all, one after another.
  budget.renew();
  return interpreter.search(expression, document as JSONValue);
}

/** @throws RangeError where the value is too large to be written out */
export function checkWritable(value: unknown): void {
  budget.renew();
  budget.spendWritten(value);
}

/** The interpreter, with its ways into the expression and into functions watched. */
function bounded(plain: Interpreter): Interpreter {
  const visit = plain.visit.bind(plain);
  const withScope = plain.withScope.bind(plain);
  const callFunction = plain.runtime.callFunction.bind(plain.runtime);

  plain.visit = (node, value) => {
    budget.spend(STEP);
    if (node.type === 'Field') {
      const isNone = (isObject(value) && !Object.hasOwn(value, node.name)) || value instanceof ExactNumber;
      return isNone ? null : visit(node, value);
    }
    if (node.type === 'Comparator') {
      // Numbers of the expression are doubles, too.
      const left = rounded(plain.visit(node.left, value)) as JSONValue;
      const right = rounded(plain.visit(node.right, value)) as JSONValue;
      budget.spendWritten(left);
      budget.spendWritten(right);
      return visit({ ...node, left: { type: 'Literal', value: left }, right: { type: 'Literal', value: right } }, null);
    }
    // To take a part of a text, the library takes all of it apart.
    if (node.type === 'Slice' && typeof value === 'string') budget.spend(value.length);
    const result = visit(node, value);
    if (node.type === 'ExpressionReference') references.add(result as object);
    return node.type === 'Slice' || node.type === 'Flatten' ? spendLength(result, ELEMENT_OF_LIST) : result;
  };
  plain.withScope = (scope) => {
    budget.spend(SCOPE);
    return bounded(withScope(scope));
  };
  plain.runtime.callFunction = (name, args) => {
    if (args.some(isForged)) throw new Error(`${name}() was given an object with a member "expref"`);
    budget.spend(costOf(name, args));
    return spendLength(callFunction(name, args), 1);
  };
  const context: FunctionContext = {
    spend: (cost) => budget.spend(cost),
    visit: (expression, value) => plain.visit(expression, value),
  };
  const functions = { ...plain.runtime._functionTable };
  for (const [name, run] of Object.entries(BOUNDED_FUNCTIONS)) {
    functions[name] = { ...functions[name]!, _func: (args: readonly unknown[]) => run(args, context) as JSONValue };
  }
  plain.runtime._functionTable = functions;
  return plain;
}

/** What a function costs before it runs, as some make much of little. */
function costOf(name: string, args: readonly unknown[]): number {
  const [first, second, third] = args;
  const lengths = ELEMENT_OF_ARGUMENT * args.reduce<number>((sum, arg) => sum + lengthOf(arg), 0);
  switch (name) {
    case 'to_string':
      budget.spendWritten(first);
      return lengths;
    case 'pad_left':
    case 'pad_right':
      return lengths + (typeof second === 'number' ? Math.abs(second) : 0);
    case 'join':
      budget.spendWritten(second);
      return lengths + lengthOf(first) * lengthOf(second);
    case 'replace':
      return lengths + (lengthOf(first) + 1) * lengthOf(third) + searchCost(first, second);
    case 'from_items':
    case 'items':
    case 'zip':
      return ELEMENT_OF_PAIRS * lengths;
    case 'contains':
    case 'find_first':
    case 'find_last':
    case 'split':
      return lengths + searchCost(first, second);
    default:
      return lengths;
  }
}

/** What looking for a text in another costs beyond its length: at worst the two are compared at every place. */
function searchCost(text: unknown, searched: unknown): number {
  return typeof text === 'string' ? text.length * Math.floor(lengthOf(searched) / 64) : 0;
}

function isForged(arg: unknown): boolean {
  return isObject(arg) && Boolean((arg as { expref?: unknown }).expref) && !references.has(arg);
}

function spendLength<Value>(value: Value, each: number): Value {
  budget.spend(each * lengthOf(value));
  return value;
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : 0;
}
