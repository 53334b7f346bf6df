/**
 * A vendor's answer schema can be a megabyte; an agent's context cannot. Definitions are kept from the root outward
 * while they fit, and what is cut off says so.
 */

import type { JsonSchema } from '../../generated/contract.js';
import { selfContainedSchema } from '../catalogue/self-contained-schema.js';

const CUT: JsonSchema = { description: 'left out here: the whole schema is too large to show' };

/** The schema with the definitions that it reaches, at most about `maxCharacters` of JSON. */
export function boundedSchema(
  schema: JsonSchema,
  definitions: Readonly<Record<string, JsonSchema>>,
  maxCharacters: number,
): JsonSchema {
  const whole = selfContainedSchema(schema, definitions);
  if (typeof whole === 'boolean' || JSON.stringify(whole).length <= maxCharacters) return whole;

  let left = maxCharacters - JSON.stringify(schema).length;
  if (left < 0) return CUT;
  const kept = new Map<string, JsonSchema>();
  let reached = refsOf(schema);
  while (reached.length > 0) {
    const next: string[] = [];
    for (const name of reached) {
      if (kept.has(name) || !Object.hasOwn(definitions, name)) continue;
      const definition = definitions[name]!;
      left -= JSON.stringify(definition).length + name.length + 4;
      kept.set(name, left < 0 ? CUT : definition);
      if (left >= 0) next.push(...refsOf(definition));
    }
    reached = next;
  }
  const names = [...kept.keys()].sort();
  return { ...(schema as object), $defs: Object.fromEntries(names.map((name) => [name, kept.get(name)])) };
}

function refsOf(schema: JsonSchema): string[] {
  return [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map((match) => match[1]!);
}
