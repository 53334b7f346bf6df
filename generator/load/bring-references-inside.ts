/**
 * Brings what a document refers to in other files inside it: the files are parsed and hung under one root key, and the
 * references are rewritten to point there. Nothing is copied into place, so cycles across files stay finite.
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

  const queue: PendingReference[] = [];
  const collect = (file: string, value: unknown): void =>
    collectReferences(value, (holder, path, reference, kind) => {
      const isLocal = reference.startsWith('#');
      if (kind === 'data') {
        if (isLocal ? valueAt(value, decodeFragment(reference.slice(1))) === undefined : isReferenceOnly(holder)) {
          warnDangling(file, toPointer(path), reference);
        }
      } else if (!isLocal || file !== rootName) {
        queue.push({ holder, file, pointer: toPointer(path), reference, inExample: kind === 'example' });
      }
    });
  collect(rootName, root);

  for (let next = 0; next < queue.length; next++) {
    const { holder, file, pointer, reference, inExample } = queue[next]!;
    const hash = reference.indexOf('#');
    const [target, fragment] = hash === -1 ? [reference, ''] : [reference.slice(0, hash), reference.slice(hash + 1)];
    let name = file;
    if (target !== '') {
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
    holder['$ref'] = `#${encodeURI(base)}${fragment}`;
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

function isReferenceOnly(holder: object): boolean {
  return Object.keys(holder).length === 1;
}

type ReferenceKind = 'reference' | 'example' | 'data';
type OnReference = (
  holder: Record<string, unknown>,
  path: readonly (string | number)[],
  reference: string,
  kind: ReferenceKind,
) => void;

/** Every object with a `$ref` that is text. Depth is bounded by guardSize. */
function collectReferences(root: unknown, onReference: OnReference): void {
  const path: (string | number)[] = [];
  const visit = (value: unknown, isMap: boolean, kind: ReferenceKind): void => {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        path.push(index);
        visit(value[index], false, kind);
        path.pop();
      }
      return;
    }
    const object = value as Record<string, unknown>;
    if (!isMap && Object.hasOwn(object, '$ref') && typeof object['$ref'] === 'string') {
      onReference(object, path, object['$ref'], kind);
    }
    for (const key of Object.keys(object)) {
      const child = object[key];
      if (typeof child !== 'object' || child === null) continue;
      path.push(key);
      if (kind === 'data') visit(child, false, 'data');
      else if (isMap) visit(child, false, key.startsWith('x-') && path.length === 2 ? 'data' : kind);
      else if (key.startsWith('x-') || DATA.has(key)) visit(child, false, 'data');
      else if (key === 'examples') visit(child, !Array.isArray(child), Array.isArray(child) ? 'data' : 'example');
      else visit(child, MAPS.has(key) && !Array.isArray(child), kind);
      path.pop();
    }
  };
  visit(root, false, 'reference');
}
