/**
 * Gives each operation the second half of its endpoint id: readable, unique in its provider, and as far as possible
 * independent of the other operations, so that an id outlives additions to the document. An operation whose own name is
 * unique keeps it; all that share one get their method and path appended, whichever comes first.
 */

import { textOr } from './json-value.js';
import { shortHash } from './short-hash.js';

/** Characters of `<provider>` and `<operation>` together. */
const MAX_ID_LENGTH = 128;

export interface OperationPlace {
  readonly method: string;
  readonly path: string;
  readonly operationId?: unknown;
}

/** The ids, in the order of the operations given. */
export function operationIds(operations: readonly OperationPlace[], provider: string): readonly string[] {
  const maxLength = Math.max(MAX_ID_LENGTH - provider.length, 40);
  const cut = (name: string, { method, path }: OperationPlace): string => {
    if (name.length <= maxLength) return name;
    return `${name.slice(0, maxLength - 9).replace(/[-._]+$/, '')}-${shortHash(`${name} ${method} ${path}`)}`;
  };
  const named = operations.map((operation) => {
    const own = slug(splitCamelCase(textOr(operation.operationId) ?? ''));
    return { own, place: pathSlug(operation) };
  });
  const first = named.map(({ own, place }) => (own === '' ? place : own));
  const second = unlessUnique(first, (index) => {
    const { own, place } = named[index]!;
    return own === '' ? place : `${own}-${place}`;
  });
  const third = unlessUnique(second, (index) => withHash(second[index]!, operations[index]!));
  const fourth = third.map((name, index) => cut(name, operations[index]!));
  return unlessUnique(fourth, (index) => cut(withHash(fourth[index]!, operations[index]!), operations[index]!));
}

/** `GET /pets/{petId}/toys` → `get-pets-petid-toys`. */
function pathSlug({ method, path }: OperationPlace): string {
  return slug(`${method} ${path}`);
}

/** Letters of Latin alphabets that Unicode does not take apart, as they are written where only ASCII is to be had. */
const TRANSLITERATED: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ł: 'l',
  ŋ: 'n',
  ŧ: 't',
  þ: 'th',
};

/** Words in lower case, joined by hyphens: `[a-z0-9._-]`, without accents. */
function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[ßæœøđðħıłŋŧþ]/g, (letter) => TRANSLITERATED[letter]!)
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/-{2,}/g, '-')
    .replace(/^[-._]+|[-._]+$/g, '');
}

/** `listPets`, `getHTTPStatus2` → `list-Pets`, `get-HTTP-Status2`. */
export function splitCamelCase(text: string): string {
  return text.replace(/([a-z0-9])([A-Z])/g, '$1-$2').replace(/([A-Z])([A-Z][a-z])/g, '$1-$2');
}

function withHash(name: string, { method, path }: OperationPlace): string {
  return `${name}-${shortHash(`${method} ${path}`)}`;
}

function unlessUnique(names: readonly string[], longer: (index: number) => string): readonly string[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return names.map((name, index) => (counts.get(name) === 1 ? name : longer(index)));
}
