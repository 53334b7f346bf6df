/** Names for the types of `types.ts`: two an operation, one a definition, all of them distinct. */

import { camelCase, capitalized } from './camel-case.js';

export interface TypeNames {
  /** In the order of the operations. */
  readonly operations: readonly { readonly arguments: string; readonly answer: string }[];
  readonly definitions: ReadonlyMap<string, string>;
}

/** Names that the types themselves use, and that a declaration of their own would hide. */
const TAKEN = ['Record', 'Uint8Array'];

/**
 * @param endpoints the names that `endpointNames` gave, which come first, so that no definition moves them
 * @param definitions the names of the shared schemas, in the order of names
 */
export function typeNames(endpoints: readonly string[], definitions: readonly string[]): TypeNames {
  const used = new Set(TAKEN);
  const take = (base: string): string => {
    let name = base;
    for (let number = 2; used.has(name); number++) name = `${base}_${String(number)}`;
    used.add(name);
    return name;
  };
  return {
    operations: endpoints.map((endpoint) => ({
      arguments: take(`${capitalized(endpoint)}Arguments`),
      answer: take(`${capitalized(endpoint)}Answer`),
    })),
    definitions: new Map(definitions.map((definition) => [definition, take(typeName(definition))])),
  };
}

function typeName(definition: string): string {
  const pascal = capitalized(camelCase(definition));
  return pascal === '' || /^\d/.test(pascal) ? `_${pascal}` : pascal;
}
