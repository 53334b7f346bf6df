/**
 * A schema of a descriptor refers to definitions that its provider's endpoints share. What leaves the runtime, to an
 * agent or to a validator, carries the definitions that it reaches and no others.
 */

import type { JsonSchema } from '../../generated/contract.js';

const REF = '#/$defs/';

/** The schema with a `$defs` of all that it refers to, directly or not; cycles stay references. */
export function selfContainedSchema(schema: JsonSchema, definitions: Readonly<Record<string, JsonSchema>>): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  const reached = new Map<string, JsonSchema>();
  const pending: unknown[] = [schema];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const item of Object.values(value)) pending.push(item);
    if (Array.isArray(value)) continue;
    const ref = (value as { $ref?: unknown }).$ref;
    if (typeof ref === 'string' && ref.startsWith(REF)) {
      const name = ref.slice(REF.length);
      const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
      if (definition !== undefined && !reached.has(name)) {
        reached.set(name, definition);
        pending.push(definition);
      }
    }
  }
  if (reached.size === 0) return schema;
  const names = [...reached.keys()].sort();
  return { ...schema, $defs: Object.fromEntries(names.map((name) => [name, reached.get(name)])) };
}
