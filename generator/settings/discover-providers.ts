/**
 * Finds the providers under `specs/`: `<id>.yaml`, or a folder `<id>/` with `openapi.yaml` and, where wanted,
 * `provider.yaml` (or .yml) and `overlay.yaml` (or .yml, .json). It reads names only, no contents.
 */

import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodePoint } from '../emit/code-point-order.js';
import { isForbidden, MAKE_READABLE, UNREADABLE } from '../load/forbidden.js';
import type { Refusal } from '../report/findings.js';

export interface ProviderSource {
  readonly id: string;
  readonly specsDir: string;
  /** The document, and the optional files beside it: paths below `specs/`, with forward slashes. */
  readonly file: string;
  readonly settingsFile?: string;
  readonly overlayFile?: string;
  /** Files beside the document whose names are nearly those of settings, so that nobody reads them as such. */
  readonly misnamedFiles?: readonly string[];
  /** The folder that references may not leave, below `specs/`; for a single file that file's own place. */
  readonly root: string;
}

export interface Discovery {
  /** Sorted by id, in code point order. */
  readonly providers: readonly ProviderSource[];
  readonly refused: readonly Refusal[];
}

export const PROVIDER_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** In any case: `x.JSON` is a document too. */
const DOCUMENT = /^(.+)\.(yaml|yml|json)$/i;

const NEARLY_SETTINGS = /^(provider|overlay)s?\.(ya?ml|json)$/i;

/** Whether a text can be a provider's id: what the endpoint ids and the folder names are made of. */
export function isProviderId(text: string): boolean {
  return PROVIDER_ID.test(text);
}

/** Sorted; `undefined` where this user may not read the folder. */
async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return (await readdir(folder)).sort(byCodePoint);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

type Refuse = (provider: string, file: string, rule: string, message: string, remedy: string) => void;

/** Throws the file system's own error where `specsDir` cannot be read. Hidden files and folders are passed over. */
export async function discoverProviders(specsDir: string): Promise<Discovery> {
  const entries = await readdir(specsDir, { withFileTypes: true });
  const sources: ProviderSource[] = [];
  const refused: Refusal[] = [];
  const refuse: Refuse = (provider, file, rule, message, remedy) =>
    void refused.push({ provider, file, pointer: '', rule, message, remedy });
  for (const entry of entries.sort((left, right) => byCodePoint(left.name, right.name))) {
    const source = entry.name.startsWith('.') ? undefined : await sourceOf(entry, specsDir, refuse);
    if (source !== undefined) sources.push(source);
  }
  return { providers: withOneSource(sources, refuse), refused };
}

/** What an entry of `specs/` is of a provider; undefined where it is none, or was refused. */
async function sourceOf(entry: Dirent, specsDir: string, refuse: Refuse): Promise<ProviderSource | undefined> {
  const { name } = entry;
  const id = entry.isDirectory() ? name : DOCUMENT.exec(name)?.[1];
  if (id === undefined) return undefined;
  if (!isProviderId(id)) {
    refuse(
      id,
      name,
      'provider-id',
      `${JSON.stringify(id)} cannot be a provider's id`,
      'rename it to at most 64 of a-z, 0-9, ".", "_" and "-", with a letter or digit first',
    );
    return undefined;
  }
  return entry.isDirectory() ? sourceInFolder(id, specsDir, refuse) : { id, specsDir, file: name, root: name };
}

async function sourceInFolder(id: string, specsDir: string, refuse: Refuse): Promise<ProviderSource | undefined> {
  const files = await namesIn(join(specsDir, id));
  if (files === undefined) {
    refuse(id, id, UNREADABLE, `this user may not read the folder ${id}/`, MAKE_READABLE);
    return undefined;
  }
  const documents = files.filter((file) => /^openapi\.(yaml|yml|json)$/.test(file));
  const [document] = documents;
  if (document === undefined) {
    refuse(
      id,
      id,
      'provider-without-document',
      `the folder ${id}/ holds no document`,
      `add ${id}/openapi.yaml (or .yml, .json), or remove the folder`,
    );
    return undefined;
  }
  if (documents.length > 1) {
    const message = `the folder ${id}/ holds more than one document: ${documents.join(', ')}`;
    refuse(id, id, 'provider-clash', message, 'keep one of them');
    return undefined;
  }
  const settings = files.filter((file) => /^provider\.ya?ml$/.test(file));
  const overlays = files.filter((file) => /^overlay\.(ya?ml|json)$/.test(file));
  const clashes = [settings, overlays].filter((found) => found.length > 1);
  for (const several of clashes) {
    const message = `the folder ${id}/ holds ${several.join(' and ')}`;
    refuse(id, `${id}/${String(several[0])}`, 'provider-clash', message, 'keep one of them');
  }
  if (clashes.length > 0) return undefined;
  const [[settingsFile], [overlayFile]] = [settings, overlays];
  const misnamed = files.filter((file) => NEARLY_SETTINGS.test(file) && file !== settingsFile && file !== overlayFile);
  return {
    id,
    specsDir,
    file: `${id}/${document}`,
    root: id,
    ...(settingsFile !== undefined && { settingsFile: `${id}/${settingsFile}` }),
    ...(overlayFile !== undefined && { overlayFile: `${id}/${overlayFile}` }),
    ...(misnamed.length > 0 && { misnamedFiles: misnamed.map((file) => `${id}/${file}`) }),
  };
}

/** Sorted by id. A provider may be there as a file or as a folder, and not as both. */
function withOneSource(found: readonly ProviderSource[], refuse: Refuse): readonly ProviderSource[] {
  const byId = new Map<string, ProviderSource[]>();
  for (const source of found) byId.set(source.id, [...(byId.get(source.id) ?? []), source]);
  return [...byId]
    .sort(([left], [right]) => byCodePoint(left, right))
    .flatMap(([id, sources]) => {
      if (sources.length === 1) return sources;
      const files = sources.map(({ file }) => file);
      const message = `the provider ${id} has more than one document: ${files.join(', ')}`;
      refuse(id, files[0] ?? id, 'provider-clash', message, 'keep one of them');
      return [];
    });
}
