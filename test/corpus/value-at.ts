import { isObject } from './openapi-document.js';

/** What stands at the end of the names, or undefined where something on the way is not there. */
export function valueAt(value: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>((found, name) => {
    if (Array.isArray(found)) return found[Number(name)] as unknown;
    return isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }, value);
}
