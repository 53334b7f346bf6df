/** Names for the members of a provider's constant. */

import { camelCase } from './camel-case.js';

/**
 * A distinct camelCase name for each operation, in the order given: `repos.get-content` → `reposGetContent`. A digit in
 * front gets an underscore before it, what is taken a number behind it. A reserved word may name a member.
 */
export function endpointNames(operations: readonly string[]): readonly string[] {
  const used = new Set<string>();
  return operations.map((operation) => {
    const camel = camelCase(operation);
    const base = camel === '' || /^\d/.test(camel) ? `_${camel}` : camel;
    let name = base;
    for (let number = 2; used.has(name.toLowerCase()); number++) name = `${base}_${String(number)}`;
    used.add(name.toLowerCase());
    return name;
  });
}
