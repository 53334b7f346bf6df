/**
 * A catalogue that follows `specs/`: what is touched is generated anew, all else stays as it is, and each state is
 * written as a whole catalogue of its own. A provider that is refused keeps what was made of it before, or stays away.
 */

import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue, Manifest } from '../contract.js';
import { sharesOf } from '../emit/catalogue-files.js';
import { byCodePoint } from '../emit/code-point-order.js';
import { isDescriptors } from '../emit/descriptors-file.js';
import type { ProviderResult, RunAll } from '../generate.js';
import type { Refusal } from '../report/findings.js';
import { discoverProviders, type ProviderSource } from '../settings/discover-providers.js';
import { isCurrent } from './is-current.js';
import { descriptorsIn, writeVersion, type VersionPart } from './write-version.js';

export interface LiveCatalogueOptions {
  readonly specsDir: string;
  /** The catalogue to begin with. */
  readonly seedDir: string;
  /** Where the catalogues are written, one folder each, numbered. */
  readonly outDir: string;
  readonly runAll: RunAll;
}

export interface ProviderStep {
  readonly provider: string;
  readonly step: 'new' | 'changed' | 'as before' | 'gone' | 'refused' | 'failed';
  readonly endpoints: number;
  /** For `refused`. */
  readonly refused?: readonly Refusal[];
  /** For `failed`: a bug, or a failing disk. */
  readonly error?: Error;
  readonly result?: ProviderResult;
  /** For `refused` and `failed`: whether an earlier state of it is served. */
  readonly served?: boolean;
}

export interface LiveStep {
  /** What became of each provider that was touched. */
  readonly providers: readonly ProviderStep[];
  /** The folder of the catalogue; absent where it is the one before. */
  readonly catalogue?: string;
  readonly total: { readonly providers: number; readonly endpoints: number };
}

export class LiveCatalogue {
  private constructor(
    private readonly options: LiveCatalogueOptions,
    private parts: ReadonlyMap<string, VersionPart>,
    private version: number,
  ) {}

  static async open(options: LiveCatalogueOptions): Promise<LiveCatalogue> {
    const { seedDir, outDir } = options;
    const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(seedDir, file), 'utf8'));
    const shares = sharesOf((await read('catalogue.json')) as Catalogue, (await read('manifest.json')) as Manifest);
    const parts = shares.map((share): [string, VersionPart] => {
      const { id } = share.provider;
      return [id, { share, descriptors: { file: descriptorsIn(seedDir, id) } }];
    });
    const names = await readdir(outDir);
    for (const name of names) if (name.startsWith('.')) await rm(join(outDir, name), { recursive: true });
    return new LiveCatalogue(options, new Map(parts), Math.max(0, ...names.map(Number).filter(Number.isInteger)));
  }

  /**
   * Brings the catalogue up to date with these providers; with all whose files differ, where it is not said which.
   * Throws the file system's own error where `specs/` cannot be read.
   */
  async follow(touched?: ReadonlySet<string>): Promise<LiveStep> {
    const discovery = await discoverProviders(this.options.specsDir);
    const sources: ProviderSource[] = [];
    for (const source of discovery.providers) {
      if (touched === undefined ? !(await this.#isCurrent(source)) : touched.has(source.id)) sources.push(source);
    }
    const steps: ProviderStep[] = [];
    const parts = new Map(this.parts);
    for (const { id, outcome } of await this.#generate(sources)) {
      if (outcome instanceof Error) {
        steps.push({ ...this.#asItWas(id), step: 'failed', error: outcome });
      } else if (outcome.output === undefined) {
        steps.push({ ...this.#asItWas(id), step: 'refused', refused: outcome.refused });
      } else {
        const before = this.parts.get(id);
        const { share, files } = outcome.output;
        const text = files.find(isDescriptors)?.text ?? '';
        const same = before !== undefined && digestOf(before) === digestOf({ share });
        if (!same) parts.set(id, { share, descriptors: { text } });
        const step = before === undefined ? 'new' : same ? 'as before' : 'changed';
        steps.push({ provider: id, endpoints: share.provider.endpoints, step, result: outcome });
      }
    }
    const misplaced = new Set(discovery.refused.map(({ provider }) => provider));
    for (const id of misplaced) {
      if (touched?.has(id) === false) continue;
      const refused = discovery.refused.filter(({ provider }) => provider === id);
      steps.push({ ...this.#asItWas(id), step: 'refused', refused });
    }
    const present = new Set([...discovery.providers.map(({ id }) => id), ...misplaced]);
    for (const id of this.parts.keys()) {
      if (present.has(id) || touched?.has(id) === false) continue;
      parts.delete(id);
      steps.push({ provider: id, step: 'gone', endpoints: 0 });
    }
    const catalogue = steps.some(({ step }) => step === 'new' || step === 'changed' || step === 'gone')
      ? await this.#write(parts)
      : undefined;
    const all = [...this.parts.values()];
    return {
      providers: steps.sort((left, right) => byCodePoint(left.provider, right.provider)),
      ...(catalogue !== undefined && { catalogue }),
      total: {
        providers: all.length,
        endpoints: all.reduce((sum, { share }) => sum + share.provider.endpoints, 0),
      },
    };
  }

  /**
   * Generates one of the providers and forgets it: what a generation needs is loaded and compiled at the first one, and
   * whoever drops a document in is not to wait for that.
   */
  async rehearse(): Promise<void> {
    const { providers } = await discoverProviders(this.options.specsDir);
    await this.#generate(providers.slice(0, 1));
  }

  #asItWas(provider: string): Pick<ProviderStep, 'provider' | 'endpoints' | 'served'> {
    const before = this.parts.get(provider);
    return { provider, endpoints: before?.share.provider.endpoints ?? 0, served: before !== undefined };
  }

  async #isCurrent(source: ProviderSource): Promise<boolean> {
    const part = this.parts.get(source.id);
    return part !== undefined && isCurrent(source, part.share.manifest);
  }

  async #generate(
    sources: readonly ProviderSource[],
  ): Promise<readonly { readonly id: string; readonly outcome: ProviderResult | Error }[]> {
    const run = async (some: readonly ProviderSource[]): Promise<readonly ProviderResult[]> => {
      const results: ProviderResult[] = [];
      await this.options.runAll(some, { allowRemoteRefs: false, types: false }, (index, result) => {
        results[index] = result;
      });
      return results;
    };
    try {
      return (await run(sources)).map((outcome) => ({ id: outcome.provider, outcome }));
    } catch {
      // A bug, or a disk that fails, at one of them: which it is shows when each is run alone, and the others go on.
      const outcomes: { id: string; outcome: ProviderResult | Error }[] = [];
      for (const source of sources) {
        const outcome = await run([source]).then(
          ([result]) => result as ProviderResult,
          (error: unknown) => error as Error,
        );
        outcomes.push({ id: source.id, outcome });
      }
      return outcomes;
    }
  }

  /** From then on the parts are those of the files that were written. */
  async #write(parts: ReadonlyMap<string, VersionPart>): Promise<string> {
    const dir = await writeVersion(this.options.outDir, String(this.version + 1), [...parts.values()]);
    this.version += 1;
    this.parts = new Map(
      [...parts].map(([id, { share }]) => [id, { share, descriptors: { file: descriptorsIn(dir, id) } }]),
    );
    return dir;
  }
}

function digestOf({ share }: Pick<VersionPart, 'share'>): string | undefined {
  return share.manifest.files.find(isDescriptors)?.sha256;
}
