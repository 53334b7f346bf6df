/**
 * Brings what a document refers to in other files inside it: the files are parsed and hung under one root key, and the
 * references are rewritten to point there. Nothing is copied into place, so cycles across files stay finite. A schema
 * that says its own URI (`$id`, JSON Schema 2020-12 section 8.2.1) is what a reference to that URI means.
 *
 * Local references stay inside the provider's folder; remote ones are refused unless allowed. A `$ref` that is data (in
 * an example, a default, an `x-` extension) is never followed: one that leads nowhere is worth a warning, no more.
 */

import { SpecError, type Findings, type Place } from '../report/findings.js';
import { decodeFragment, escapeToken, toPointer, valueAt } from './json-pointer.js';

/** Root key under which the other files hang, by the name that `place` knows them by. */
export const FILES_KEY = 'x-tollgate-files';

/** Keys whose object value maps names to further objects, so that its keys are no keywords. */
const MAPS = new Set(
  `properties patternProperties definitions $defs dependentSchemas schemas responses parameters examples requestBodies
  headers securitySchemes links callbacks pathItems paths webhooks content encoding variables`.split(/\s+/),
);
/** Keys whose value is data, not a part of the description. */
const DATA = new Set(['example', 'default', 'enum', 'const', 'value', 'mapping']);

export interface ReferencedFile {
  /** How messages name it, and where it hangs: a path below `specs/`, or a URL. */
  readonly name: string;
  readonly value: unknown;
}

export interface NoFile {
  readonly fault: string;
}

export interface ReferenceOpener {
  /**
   * The file that `reference` (without its fragment), as written in the file `from`, stands for; or why there is none.
   * @throws SpecError where the reference may not be followed; its place is filled in by the caller's `place`
   */
  open(reference: string, from: string, place: () => Place): Promise<ReferencedFile | NoFile>;
}

interface PendingReference {
  readonly holder: Record<string, unknown>;
  readonly file: string;
  readonly pointer: string;
  readonly reference: string;
  readonly inExample: boolean;
  readonly within: Resource | undefined;
}

/** A schema with an `$id`, and all that is below it. */
interface Resource {
  readonly uri: string;
  readonly value: object;
  readonly path: readonly (string | number)[];
}

/**
 * Changes `root` in place.
 * @throws SpecError for a reference that may not be followed
 */
export async function bringReferencesInside(
  root: Record<string, unknown>,
  rootName: string,
  provider: string,
  opener: ReferenceOpener,
  place: (file: string, pointer: string) => Place,
  findings: Findings,
): Promise<void> {
  const files = new Map<string, unknown>([[rootName, root]]);
  const warnDangling = (file: string, pointer: string, reference: string, why?: string): void => {
    findings.warnings.push({
      provider,
      ...place(file, pointer),
      rule: 'dangling-ref',
      message: `${JSON.stringify(reference)} leads nowhere${why === undefined ? '' : `: ${why}`}`,
      remedy: 'remove the $ref, or add what it refers to',
    });
  };

  const resources = new Map<string, { readonly file: string; readonly pointer: string }>();
  const identify = (file: string, { uri, path }: Resource): void => {
    if (!resources.has(uri)) resources.set(uri, { file, pointer: toPointer(path) });
  };
  const queue: PendingReference[] = [];
  const collect = (file: string, value: unknown): void =>
    collectReferences(value, (holder, path, reference, kind, within) => {
      if (within !== undefined) identify(file, within);
      if (reference === undefined) return;
      const isLocal = reference.startsWith('#');
      if (kind === 'data') {
        if (isLocal ? valueAt(value, decodeFragment(reference.slice(1))) === undefined : isReferenceOnly(holder)) {
          warnDangling(file, toPointer(path), reference);
        }
      } else if (!isLocal || file !== rootName || within !== undefined) {
        queue.push({ holder, file, pointer: toPointer(path), reference, inExample: kind === 'example', within });
      }
    });
  collect(rootName, root);

  for (let next = 0; next < queue.length; next++) {
    const { holder, file, pointer, reference, inExample, within } = queue[next]!;
    const hash = reference.indexOf('#');
    const [target, fragment] = hash === -1 ? [reference, ''] : [reference.slice(0, hash), reference.slice(hash + 1)];
    let name = file;
    let below = '';
    const identified = target === '' ? undefined : resources.get(resolved(target, within?.uri));
    if (identified !== undefined) {
      name = identified.file;
      // An anchor is looked for in the whole document.
      below = fragment === '' || fragment.startsWith('/') ? identified.pointer : '';
    } else if (target === '') {
      // Documents also write as a path from their own root what should be one from the resource's.
      if (within !== undefined && isPathIn(within.value, fragment)) below = toPointer(within.path);
    } else {
      const opened = await openOrWarn(opener, target, file, () => place(file, pointer), inExample);
      if ('fault' in opened) {
        warnDangling(file, pointer, reference, opened.fault);
        continue;
      }
      name = opened.name;
      if (!files.has(name)) {
        files.set(name, opened.value);
        collect(name, opened.value);
      }
    }
    const base = name === rootName ? '' : `/${FILES_KEY}/${escapeToken(name)}`;
    holder['$ref'] = `#${encodeURI(base + below)}${fragment}`;
  }

  files.delete(rootName);
  if (files.size > 0) root[FILES_KEY] = Object.fromEntries(files);
}

/** An example that names a file which may not be read is a fault of the example, not of the document. */
async function openOrWarn(
  opener: ReferenceOpener,
  target: string,
  file: string,
  place: () => Place,
  inExample: boolean,
): Promise<ReferencedFile | NoFile> {
  try {
    return await opener.open(target, file, place);
  } catch (error) {
    if (inExample && error instanceof SpecError) return { fault: error.message };
    throw error;
  }
}

/** By RFC 3986 where there is a base to resolve by; else as it is written. */
function resolved(reference: string, base: string | undefined): string {
  return URL.canParse(reference, base) ? new URL(reference, base).href : reference;
}

function isPathIn(value: object, fragment: string): boolean {
  return fragment.startsWith('/') && valueAt(value, decodeFragment(fragment)) !== undefined;
}

function isReferenceOnly(holder: object): boolean {
  return Object.keys(holder).length === 1;
}

type ReferenceKind = 'reference' | 'example' | 'data';
/** @param reference undefined where a resource begins that is no reference itself */
type OnReference = (
  holder: Record<string, unknown>,
  path: readonly (string | number)[],
  reference: string | undefined,
  kind: ReferenceKind,
  within: Resource | undefined,
) => void;

/** Every object with a `$ref` that is text, or with an `$id`. Depth is bounded by guardSize. */
function collectReferences(root: unknown, onReference: OnReference): void {
  const path: (string | number)[] = [];
  const visit = (value: unknown, isMap: boolean, kind: ReferenceKind, outer: Resource | undefined): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        path.push(index);
        visit(value[index], false, kind, outer);
        path.pop();
      }
      return;
    }
    const object = value as Record<string, unknown>;
    const within = isMap || kind !== 'reference' ? outer : resourceOf(object, path, outer);
    const reference = !isMap && Object.hasOwn(object, '$ref') ? object['$ref'] : undefined;
    if (typeof reference === 'string') onReference(object, path, reference, kind, within);
    else if (within !== outer) onReference(object, path, undefined, kind, within);
    for (const key of Object.keys(object)) {
      const child = object[key];
      if (typeof child !== 'object' || child === null) continue;
      path.push(key);
      if (kind === 'data') visit(child, false, 'data', within);
      else if (isMap) visit(child, false, key.startsWith('x-') && path.length === 2 ? 'data' : kind, within);
      else if (key.startsWith('x-') || DATA.has(key)) visit(child, false, 'data', within);
      else if (key === 'examples')
        visit(child, !Array.isArray(child), Array.isArray(child) ? 'data' : 'example', within);
      else visit(child, MAPS.has(key) && !Array.isArray(child), kind, within);
      path.pop();
    }
  };
  visit(root, false, 'reference', undefined);
}

/** The resource that begins here, or else the one around it. An `$id` that is a fragment is an anchor of older drafts. */
function resourceOf(
  value: Record<string, unknown>,
  path: readonly (string | number)[],
  outer: Resource | undefined,
): Resource | undefined {
  const id = Object.hasOwn(value, '$id') ? value['$id'] : undefined;
  if (typeof id !== 'string' || id === '' || id.startsWith('#')) return outer;
  return { uri: resolved(id.replace(/#.*$/s, ''), outer?.uri), value, path: [...path] };
}
