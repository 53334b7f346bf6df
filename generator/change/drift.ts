/**
 * How a committed catalogue differs from a fresh one: which files, which endpoints, and what the changes mean for those
 * who call them. Only providers whose descriptors differ in a byte are read and compared.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProviderFile } from '../contract.js';
import { byCodePoint } from '../emit/code-point-order.js';
import { isDescriptors } from '../emit/descriptors-file.js';
import type { OutputFile } from '../emit/provider-output.js';
import type { OutputChanges } from '../emit/write-output.js';
import { isObject } from '../normalize/json-value.js';
import { worstClass, type Change, type ChangeClass } from './change.js';
import { compareProviders } from './compare-providers.js';

export interface ProviderDrift {
  readonly provider: string;
  /** Ids of endpoints. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface Drift extends OutputChanges {
  /** The worst of the rows; `safe` where bytes alone differ; `null` where nothing does. */
  readonly class: ChangeClass | null;
  readonly providers: readonly ProviderDrift[];
  readonly rows: readonly Change[];
}

/**
 * `found` is how the files of `outDir` differ from `files`. Of the providers in `refused` nothing is known, so nothing is
 * said: that their files are not among the fresh ones is no change of theirs.
 */
export async function drift(
  outDir: string,
  files: readonly OutputFile[],
  found: OutputChanges,
  refused: ReadonlySet<string>,
): Promise<Drift> {
  const isKnown = (file: string): boolean => !refused.has(providerOf(file) ?? '');
  const [added, changed, removed] = [found.added, found.changed, found.removed.filter(isKnown)];
  const fresh = new Map(files.map(({ file, text }) => [file, text]));
  const providers: ProviderDrift[] = [];
  const rows: Change[] = [];
  for (const file of [...added, ...changed, ...removed].sort(byCodePoint)) {
    const provider = providerOf(file);
    if (provider === undefined || !isDescriptors({ file })) continue;
    const text = fresh.get(file);
    const after = text === undefined ? undefined : (JSON.parse(text) as ProviderFile);
    const before = added.includes(file) ? undefined : committed(await readFile(join(outDir, file), 'utf8'));
    if (before === 'unreadable') {
      rows.push({
        endpoint: provider,
        place: '',
        kind: 'unreadable',
        class: 'breaking',
        message: 'the committed descriptors.json is not one of this format, so that nothing could be compared',
      });
      continue;
    }
    const changes = compareProviders(before, after);
    rows.push(...changes);
    providers.push({ provider, ...endpointsOf(changes, before, after) });
  }
  const isSame = added.length + changed.length + removed.length === 0;
  return { added, changed, removed, class: isSame ? null : (worstClass(rows) ?? 'safe'), providers, rows };
}

function providerOf(file: string): string | undefined {
  return /^providers\/([^/]+)\//.exec(file)?.[1];
}

function endpointsOf(changes: readonly Change[], before: ProviderFile | undefined, after: ProviderFile | undefined) {
  const idsIn = (file: ProviderFile | undefined): ReadonlySet<string> =>
    new Set(file?.endpoints.map((endpoint) => endpoint.id));
  const [was, is] = [idsIn(before), idsIn(after)];
  const touched = new Set(changes.map((change) => change.endpoint));
  return {
    added: [...is].filter((id) => !was.has(id)),
    removed: [...was].filter((id) => !is.has(id)),
    changed: [...is].filter((id) => was.has(id) && touched.has(id)),
  };
}

/** Committed files may have been merged or edited by hand: what a comparison reads has to be there. */
function committed(text: string): ProviderFile | 'unreadable' {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return 'unreadable';
  }
  return isProviderFile(file) ? file : 'unreadable';
}

function isProviderFile(value: unknown): value is ProviderFile {
  if (!isObject(value) || !isObject(value.provider) || !isObject(value.definitions)) return false;
  const { provider, endpoints } = value;
  const isListed = ['seller', 'limits', 'credentials', 'securitySchemes'].every((key) => isObject(provider[key]));
  return isListed && Array.isArray(endpoints) && endpoints.every(isEndpoint);
}

function isEndpoint(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.price) || !isObject(value.charge)) return false;
  const lists = [value.parameters, value.responses, value.security, value.charge.on];
  const texts = [value.id, value.method, value.path, value.server];
  return lists.every(Array.isArray) && texts.every((text) => typeof text === 'string') && isObject(value.arguments);
}
