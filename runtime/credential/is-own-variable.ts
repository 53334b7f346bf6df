import { variablePart } from '../provider-variable.js';

/** The providers' ids, as they stand in the names of variables. */
export type Owners = ReadonlySet<string>;

export function ownersOf(providers: ReadonlyMap<string, unknown>): Owners {
  return new Set([...providers.keys()].map(variablePart));
}

/**
 * Names of schemes come from documents: a scheme `weather_key` of `open` would be given the variable of `open-weather`
 * and its `key`. A variable belongs to the provider with the longest id that it can begin with.
 */
export function isOwnVariable(providerId: string, scheme: string, owners: Owners): boolean {
  let part = variablePart(providerId);
  for (const word of variablePart(scheme).split('_')) {
    part += `_${word}`;
    if (owners.has(part)) return false;
  }
  return true;
}
