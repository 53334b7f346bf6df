/** A copy of an object without some of its keys. What is left is its own properties, in their order. */
export function without(record: object, keys: readonly (string | undefined)[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}
