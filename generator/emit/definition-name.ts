import { pointerTokens } from '../load/json-pointer.js';

/** The name in `#/$defs/<name>`, which is the one form that references in the catalogue have. */
export function definitionName(reference: string): string {
  return pointerTokens(reference).at(-1) ?? '';
}
