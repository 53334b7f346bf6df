/** Which providers a path below `specs/` may belong to: all that is a provider's lies in its folder, or is its one file. */

const HIDDEN = /(^|\/)\.[^/]/;

/** @param path below `specs/`, with forward slashes. Nothing for what the generator passes over. */
export function touchedProviders(path: string): readonly string[] {
  if (path === '' || path === '.' || HIDDEN.test(path)) return [];
  const [name = '', ...inside] = path.split('/');
  if (inside.length > 0) return [name];
  // A name alone is a file, or a folder that came or went: what it was nobody can look up any more.
  return [...new Set([name, name.replace(/\.(yaml|yml|json)$/i, '')])];
}
