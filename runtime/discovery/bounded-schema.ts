/**
 * A vendor's answer schema can be a megabyte; an agent's context cannot. Definitions are kept from the root outward
 * while they fit, and what is cut off says so.
 */

import type { JsonSchema } from '../../generated/contract.js';
import { selfContainedSchema } from '../catalogue/self-contained-schema.js';

const CUT: JsonSchema = { description: 'left out here: the whole schema is too large to show' };

/**
 * The schema with the definitions that it reaches, in at most `maxCharacters` of JSON. What refers to more than fits is
 * cut off whole, so that every reference in the result leads somewhere.
 */
export function boundedSchema(
  schema: JsonSchema,
  definitions: Readonly<Record<string, JsonSchema>>,
  maxCharacters: number,
): JsonSchema {
  const whole = selfContainedSchema(schema, definitions);
  if (sizeOf(whole) <= maxCharacters) return whole;

  const kept = new Map<string, JsonSchema>();
  // A name is paid for as cut off when it is first referred to, and in full when there is room for what it stands for.
  let left = maxCharacters - '"$defs":{},'.length;
  const pay = (shown: JsonSchema, already: number): readonly string[] | undefined => {
    const names = [...new Set(refsOf(shown))].filter((name) => Object.hasOwn(definitions, name) && !kept.has(name));
    const cost = sizeOf(shown) - already + names.reduce((sum, name) => sum + name.length + COST_OF_CUT, 0);
    if (cost > left) return undefined;
    left -= cost;
    for (const name of names) kept.set(name, CUT);
    return names;
  };
  let reached = pay(schema, 0);
  if (reached === undefined) return CUT;
  while (reached.length > 0) {
    const next: string[] = [];
    for (const name of reached) {
      const found = pay(definitions[name]!, sizeOf(CUT));
      if (found === undefined) continue;
      kept.set(name, definitions[name]!);
      next.push(...found);
    }
    reached = next;
  }
  const names = [...kept.keys()].sort();
  return { ...(schema as object), $defs: Object.fromEntries(names.map((name) => [name, kept.get(name)!])) };
}

function sizeOf(schema: JsonSchema): number {
  return JSON.stringify(schema).length;
}

/** Of one name in `$defs`: its schema, quotes, colon and comma. */
const COST_OF_CUT = sizeOf(CUT) + 4;

function refsOf(schema: JsonSchema): string[] {
  return [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map((match) => match[1]!);
}
