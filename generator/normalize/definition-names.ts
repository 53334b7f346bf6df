/**
 * Names for shared schemas: `[A-Za-z0-9._-]`, unique, and the same from one generation to the next whatever else the
 * document gains. A component whose name is clean keeps it; another gets a short hash of its pointer where the name that
 * is left of it is taken.
 */

import { pointerTokens } from '../load/json-pointer.js';
import { FILES_KEY } from '../load/bring-references-inside.js';
import { shortHash } from './short-hash.js';

const MAX_LENGTH = 100;
const CONTAINERS = new Set([
  'components',
  'schemas',
  'definitions',
  '$defs',
  'properties',
  'content',
  'schema',
  'paths',
]);

export class DefinitionNames {
  readonly #names = new Map<string, string>();
  readonly #taken = new Map<string, string>();

  /** @param reserved pointers of the document's own components, which come first */
  constructor(reserved: Iterable<string>) {
    const unclean: string[] = [];
    for (const pointer of reserved) {
      const name = pointerTokens(pointer).at(-1) ?? '';
      if (isClean(name)) this.#assign(pointer, name);
      else unclean.push(pointer);
    }
    for (const pointer of unclean) this.name(pointer);
  }

  /** The name of the schema at the pointer. */
  name(pointer: string): string {
    const known = this.#names.get(pointer);
    if (known !== undefined) return known;
    const readable = readableName(pointer);
    const name = this.#taken.has(readable) ? `${readable}-${shortHash(pointer)}` : readable;
    return this.#assign(pointer, name);
  }

  /** The name of a variant of it: one of its two sides (`request`, `response`), or what is `open` where it is closed. */
  variantName(pointer: string, variant: string): string {
    const key = `${pointer}#${variant}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const name = `${this.name(pointer)}.${variant}`;
    return this.#assign(key, this.#taken.has(name) ? `${name}-${shortHash(pointer)}` : name);
  }

  #assign(key: string, name: string): string {
    this.#names.set(key, name);
    this.#taken.set(name, key);
    return name;
  }
}

function isClean(name: string): boolean {
  return name.length <= MAX_LENGTH && /^[A-Za-z0-9._-]+$/.test(name) && name !== '__proto__';
}

/** The pointer's last tokens: enough of them to tell what it is. */
function readableName(pointer: string): string {
  const tokens = pointerTokens(pointer);
  if (tokens[0] === FILES_KEY && tokens.length <= 2) {
    const file = (tokens[1] ?? '').split('/').at(-1) ?? '';
    return clean(file.replace(/\.(ya?ml|json)$/i, ''));
  }
  const last = tokens.at(-1) ?? '';
  const isNamed = ['schemas', 'definitions', '$defs'].includes(tokens.at(-2) ?? '');
  if (isNamed) return clean(last);
  const rest = tokens[0] === FILES_KEY ? tokens.slice(2) : tokens;
  return clean(
    rest
      .filter((token) => !CONTAINERS.has(token))
      .slice(-4)
      .join('.') || last,
  );
}

function clean(text: string): string {
  const name = text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^_+(?=.)|_+$/g, '')
    .slice(0, MAX_LENGTH);
  return name === '' ? 'Schema' : name;
}
