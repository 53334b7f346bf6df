/** The examples that a schema carries to whoever reads it. */

import { arrayOr, isObject } from './json-value.js';

/** Examples of one schema that are kept, and the length of each as JSON. */
const MAX_EXAMPLES = 3;
const MAX_EXAMPLE_LENGTH = 500;

/** Examples are for reading; long ones are left out, and each is there once. */
export function addExamples(out: Record<string, unknown>, values: readonly unknown[]): void {
  const examples = new Map(arrayOr(out['examples']).map((value) => [JSON.stringify(value), value]));
  for (const value of values) {
    if (examples.size >= MAX_EXAMPLES) break;
    if (!isJson(value)) continue;
    const text = JSON.stringify(value);
    if (text.length <= MAX_EXAMPLE_LENGTH && !examples.has(text)) examples.set(text, value);
  }
  if (examples.size > 0) out['examples'] = [...examples.values()];
}

/** Whether JSON can carry the value unchanged: YAML knows infinities, dates of its own making, and nothing at all. */
export function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isObject(value) && Object.values(value).every(isJson);
}
