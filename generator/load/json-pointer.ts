/**
 * JSON pointers (RFC 6901) in the two forms that documents use them: as text, and as the fragment of a `$ref`.
 * Lookups see own properties only, so that a pointer such as `/constructor` finds nothing that JSON did not say.
 */

/** One reference token, escaped (RFC 6901 section 3). */
export function escapeToken(token: string): string {
  return token.includes('~') || token.includes('/') ? token.replaceAll('~', '~0').replaceAll('/', '~1') : token;
}

/** Joins tokens to a pointer: `[]` is `""`, `['a/b', '0']` is `/a~1b/0`. */
export function toPointer(tokens: readonly (string | number)[]): string {
  return tokens.map((token) => `/${escapeToken(String(token))}`).join('');
}

/** The tokens of a pointer, unescaped. `""` has none. */
export function pointerTokens(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The pointer in a `$ref`'s fragment, percent-decoded (RFC 6901 section 6); a stray `%` is taken as it is. */
export function decodeFragment(fragment: string): string {
  if (!fragment.includes('%')) return fragment;
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment; // decodeURIComponent throws for nothing but a malformed escape.
  }
}

/** The value under `pointer`, or `undefined` where there is none. */
export function valueAt(root: unknown, pointer: string): unknown {
  let value = root;
  for (const token of pointerTokens(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined;
    value = (value as Record<string, unknown>)[token];
  }
  return value;
}
