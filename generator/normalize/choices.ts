/** The choices (`oneOf`) of the schemas that are read: those whose alternatives cannot be told apart are widened. */

import { fullExample } from './example-value.js';
import { arrayOr, type JsonObject } from './json-value.js';
import type { Reporter } from './reporter.js';
import { satisfies, type SchemaLookup } from './satisfies.js';
import type { JsonSchema } from '../contract.js';

/** Alternatives of one choice that are tried against each other, and steps of that: for one choice, and for all. */
const MAX_BRANCHES = 20;
const MAX_CHOICE_STEPS = 20_000;
const MAX_CHOICES_STEPS = 2_000_000;

interface Choice {
  /** What has been read, with its `oneOf`. */
  readonly schema: Record<string, unknown>;
  readonly pointer: string;
}

export class Choices {
  readonly #lookup: SchemaLookup;
  readonly #reporter: Reporter;
  readonly #pending: Choice[] = [];
  readonly #ambiguous = new WeakSet<object>();
  #steps = MAX_CHOICES_STEPS;

  constructor(lookup: SchemaLookup, reporter: Reporter) {
    this.#lookup = lookup;
    this.#reporter = reporter;
  }

  add(schema: Record<string, unknown>, pointer: string): void {
    this.#pending.push({ schema, pointer });
  }

  /** To be called once all that the choices refer to has been read: what an alternative allows is not known before. */
  settle(): void {
    for (const choice of this.#pending.splice(0)) this.#widen(choice);
  }

  /** A schema of those, or a copy of it, as it is since they were settled. */
  settled(schema: JsonSchema): JsonSchema {
    const branches = typeof schema === 'boolean' ? undefined : schema['oneOf'];
    return Array.isArray(branches) && this.#ambiguous.has(branches) ? widened(schema as JsonObject) : schema;
  }

  /**
   * Turns `oneOf` into `anyOf` where the alternatives cannot be told apart: where a value of each fits another too, no
   * call could ever be made. Vendors mean "one of these forms" by it, not "and none of the others".
   */
  #widen({ schema, pointer }: Choice): void {
    const branches = schema['oneOf'] as readonly unknown[];
    if (branches.length < 2 || branches.length > MAX_BRANCHES || this.#steps <= 0) return;
    const budget = { steps: MAX_CHOICE_STEPS };
    const isAmbiguous = branches.every((branch) => {
      const value = fullExample(branch, this.#lookup, budget);
      return (
        value !== undefined && branches.filter((other) => satisfies(other, value, this.#lookup, budget)).length > 1
      );
    });
    this.#steps -= MAX_CHOICE_STEPS - budget.steps;
    if (!isAmbiguous) return;
    const message =
      'what fits one alternative of oneOf fits another too, so that nothing fits just one; it is read as anyOf';
    const remedy = 'use anyOf, or tell the alternatives apart by what they require';
    this.#reporter.warning(`${pointer}/oneOf`, 'ambiguous-choice', message, remedy);
    this.#ambiguous.add(branches);
    Object.assign(schema, widened(schema));
    delete schema['oneOf'];
  }
}

/** The schema with `anyOf` in place of its `oneOf`. */
function widened({ oneOf, ...schema }: JsonObject): JsonObject {
  if (schema['anyOf'] === undefined) return { ...schema, anyOf: oneOf };
  return { ...schema, allOf: [...arrayOr(schema['allOf']), { anyOf: oneOf }] };
}
