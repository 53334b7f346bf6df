/** Arguments with one thing wrong: a property left out, or a value of another type. Two levels deep, as examples are. */

export interface Mutation {
  readonly what: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const DEEPEST = 2;

export function mutations(value: Readonly<Record<string, unknown>>, path = '', depth = 0): readonly Mutation[] {
  const others = (name: string): Record<string, unknown> =>
    Object.fromEntries(Object.entries(value).filter(([each]) => each !== name));
  return Object.entries(value).flatMap(([name, inner]) => {
    const at = `${path}/${name}`;
    const within =
      depth < DEEPEST && typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? mutations(inner as Record<string, unknown>, at, depth + 1)
        : [];
    return [
      { what: `without ${at}`, value: others(name) },
      { what: `with another type of ${at}`, value: { ...value, [name]: ofAnotherType(inner) } },
      ...within.map((mutation) => ({ what: mutation.what, value: { ...value, [name]: mutation.value } })),
    ];
  });
}

function ofAnotherType(value: unknown): unknown {
  return typeof value === 'string' ? 12345 : 'of another type';
}
