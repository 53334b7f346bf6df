/**
 * Finds the providers under `specs/`: `<id>.yaml`, or a folder `<id>/` with `openapi.yaml` and, where wanted,
 * `provider.yaml` (or .yml) and `overlay.yaml` (or .yml, .json). It reads names only, no contents.
 */

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

const PROVIDER_ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const DOCUMENT = /^(.+)\.(yaml|yml|json)$/;

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

/** Throws the file system's own error where `specsDir` cannot be read. Hidden files and folders are passed over. */
export async function discoverProviders(specsDir: string): Promise<Discovery> {
  const entries = await readdir(specsDir, { withFileTypes: true });
  const candidates: ProviderSource[] = [];
  const refused: Refusal[] = [];
  const refuse = (provider: string, file: string, rule: string, message: string, remedy: string): void => {
    refused.push({ provider, file, pointer: '', rule, message, remedy });
  };
  for (const entry of entries.sort((left, right) => byCodePoint(left.name, right.name))) {
    const name = entry.name;
    if (name.startsWith('.')) continue;
    const id = entry.isDirectory() ? name : DOCUMENT.exec(name)?.[1];
    if (id === undefined) continue;
    if (!isProviderId(id)) {
      refuse(
        id,
        name,
        'provider-id',
        `${JSON.stringify(id)} cannot be a provider's id`,
        'rename it to at most 64 of a-z, 0-9, ".", "_" and "-", with a letter or digit first',
      );
    } else if (!entry.isDirectory()) {
      candidates.push({ id, specsDir, file: name, root: name });
    } else {
      const files = await namesIn(join(specsDir, name));
      if (files === undefined) {
        refuse(id, name, UNREADABLE, `this user may not read the folder ${name}/`, MAKE_READABLE);
        continue;
      }
      const documents = files.filter((file) => /^openapi\.(yaml|yml|json)$/.test(file));
      const [document] = documents;
      if (document === undefined) {
        refuse(
          id,
          name,
          'provider-without-document',
          `the folder ${name}/ holds no document`,
          `add ${name}/openapi.yaml (or .yml, .json), or remove the folder`,
        );
      } else if (documents.length > 1) {
        refuse(
          id,
          name,
          'provider-clash',
          `the folder ${name}/ holds more than one document: ${documents.join(', ')}`,
          'keep one of them',
        );
      } else {
        const [settings = [], overlays = []] = [/^provider\.ya?ml$/, /^overlay\.(ya?ml|json)$/].map((wanted) =>
          files.filter((file) => wanted.test(file)),
        );
        for (const several of [settings, overlays].filter((found) => found.length > 1)) {
          refuse(
            id,
            `${name}/${String(several[0])}`,
            'provider-clash',
            `the folder ${name}/ holds ${several.join(' and ')}`,
            'keep one of them',
          );
        }
        if (settings.length > 1 || overlays.length > 1) continue;
        const [settingsFile, overlayFile] = [settings[0], overlays[0]];
        const misnamed = files.filter(
          (file) => NEARLY_SETTINGS.test(file) && file !== settingsFile && file !== overlayFile,
        );
        candidates.push({
          id,
          specsDir,
          file: `${name}/${document}`,
          root: name,
          ...(settingsFile !== undefined && { settingsFile: `${name}/${settingsFile}` }),
          ...(overlayFile !== undefined && { overlayFile: `${name}/${overlayFile}` }),
          ...(misnamed.length > 0 && { misnamedFiles: misnamed.map((file) => `${name}/${file}`) }),
        });
      }
    }
  }
  const byId = new Map<string, ProviderSource[]>();
  for (const candidate of candidates) byId.set(candidate.id, [...(byId.get(candidate.id) ?? []), candidate]);
  const providers: ProviderSource[] = [];
  for (const [id, sources] of [...byId].sort(([left], [right]) => byCodePoint(left, right))) {
    const [source] = sources;
    if (sources.length === 1 && source !== undefined) {
      providers.push(source);
    } else {
      const files = sources.map((each) => each.file);
      refuse(
        id,
        files[0] ?? id,
        'provider-clash',
        `the provider ${id} has more than one document: ${files.join(', ')}`,
        'keep one of them',
      );
    }
  }
  return { providers, refused };
}
