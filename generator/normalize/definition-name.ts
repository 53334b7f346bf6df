/** References to shared schemas: `#/$defs/<name>` is the one form that they have in the catalogue. */

const PREFIX = '#/$defs/';

/** @param name one of `DefinitionNames`, in which there is nothing to escape */
export function definitionReference(name: string): string {
  return PREFIX + name;
}

export function definitionName(reference: string): string {
  return reference.slice(PREFIX.length);
}

/** The names of the shared schemas that a value refers to, at any depth; data that looks like a reference counts too. */
export function definitionsNamedIn(value: unknown): Set<string> {
  const names = new Set<string>();
  const pending = [value];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    const reference = (node as { readonly $ref?: unknown }).$ref;
    if (typeof reference === 'string' && reference.startsWith(PREFIX)) names.add(definitionName(reference));
    for (const member of Object.values(node) as unknown[]) {
      if (typeof member === 'object') pending.push(member);
    }
  }
  return names;
}
