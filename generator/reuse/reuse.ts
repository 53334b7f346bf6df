/**
 * Decides which providers need not be generated again, and remembers for the next time.
 *
 * A provider is reused if nothing that its output depends on can have changed: the generator and the packages that it
 * uses, the flags, every file of its folder, and what was written of it, which must still lie there as it was. Whatever
 * cannot be told is generated. The network cannot be told, so with remote references nothing is reused; and `--check`
 * reuses nothing, for it is what shows that reuse is right.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../contract.js';
import { writtenShares, type CatalogueShare } from '../emit/catalogue-files.js';
import { sha256 } from '../emit/sha256.js';
import type { Generation, ProviderOptions, ProviderOutcome, ProviderResult } from '../generate.js';
import type { ProviderSource } from '../settings/discover-providers.js';
import { digestOf, fileStamp, settledStamps, verified, type FileRecord } from './file-stamp.js';
import { generatorDigest } from './generator-digest.js';
import { readReuseFile, writeReuseFile, type ReuseFile, type ReuseRecord } from './reuse-file.js';
import { sourceFiles } from './source-files.js';

/** The files of the output that are not of one provider alone, in which a reused one has its share. */
const CATALOGUE = 'catalogue.json';
const MANIFEST = 'manifest.json';

export class Reuse {
  /** By provider: stamps of its files from before any was read. What changes later shows as changed the next time. */
  readonly #seen = new Map<string, ReadonlyMap<string, string | undefined>>();
  /** What holds for the next time too, unless a new result takes its place. */
  readonly #holding = new Map<string, ReuseRecord>();

  private constructor(
    private readonly outDir: string,
    private readonly key: string,
    private readonly earlier: ReuseFile | undefined,
    private readonly known: ReadonlyMap<string, CatalogueShare>,
  ) {}

  /** `undefined` where nothing can be reused, now or the next time. */
  static async open(outDir: string, options: ProviderOptions): Promise<Reuse | undefined> {
    const digest = options.allowRemoteRefs ? undefined : generatorDigest();
    if (digest === undefined) return undefined;
    const key = `${digest} ${options.types ? 'with types' : 'without types'}`;
    const earlier = await readReuseFile(outDir, key);
    const shares = earlier && (await sharesAsWritten(outDir, earlier.outputs));
    return new Reuse(outDir, key, shares && earlier, shares ?? new Map());
  }

  /** The providers that are as they were. Every source is to be shown here before it is generated. */
  async reusable(sources: readonly ProviderSource[]): Promise<ReadonlyMap<string, ProviderOutcome>> {
    const reused = new Map<string, ProviderOutcome>();
    for (const source of sources) {
      const files = sourceFiles(source);
      if (files === undefined) continue;
      this.#seen.set(source.id, new Map(files.map((file) => [file, fileStamp(join(source.specsDir, file))])));
      const record = this.earlier?.records.get(source.id);
      if (record === undefined || record.sources.map(({ file }) => file).join('\n') !== files.join('\n')) continue;
      const share = this.known.get(source.id);
      if ((share === undefined) !== (record.outputs.length === 0)) continue;
      const nowSources = await allVerified(source.specsDir, record.sources);
      const nowOutputs = nowSources && (await allVerified(this.outDir, record.outputs));
      if (nowSources === undefined || nowOutputs === undefined) continue;
      this.#holding.set(source.id, { ...record, sources: nowSources, outputs: nowOutputs });
      const { provider, operations, refused, losses, warnings } = record;
      reused.set(provider, { provider, operations, refused, losses, warnings, ...(share !== undefined && { share }) });
    }
    return reused;
  }

  /** The catalogue's shares, where it is as the generator wrote it; they cover all providers, or there are none. */
  get shares(): readonly CatalogueShare[] | undefined {
    return this.earlier && [...this.known.values()];
  }

  /** To be called when the generation is written. Of providers that are not of `only` what was known goes on to hold. */
  async remember({ results, files }: Generation, specsDir: string, only?: readonly string[]): Promise<void> {
    const earlier = [...(this.earlier?.records ?? [])].filter(([id]) => only?.includes(id) === false);
    const records = new Map([...earlier, ...this.#holding]);
    for (const result of results) {
      const record = await this.#record(result, specsDir);
      if (record !== undefined) records.set(result.provider, record);
    }
    const manifest = files.find(({ file }) => file === MANIFEST)?.text ?? '{}';
    // To hash all of the catalogue once more would take longer than to generate most documents.
    const digests = [
      [CATALOGUE, (JSON.parse(manifest) as Manifest).catalogue],
      [MANIFEST, sha256(manifest)],
    ] as const;
    const stamps = await settledStamps(digests.map(([file]) => join(this.outDir, file)));
    const outputs = digests.map(([file, digest], index): FileRecord => {
      const stamp = stamps[index];
      return { file, sha256: digest, ...(stamp !== undefined && { stamp }) };
    });
    await writeReuseFile(this.outDir, this.key, { outputs, records });
  }

  async #record(result: ProviderResult, specsDir: string): Promise<ReuseRecord | undefined> {
    const { provider, output, operations, refused, losses, warnings } = result;
    const read = new Map(output?.share.manifest.sources.map(({ file, sha256: digest }) => [file, digest]));
    const sources: FileRecord[] = [];
    for (const [file, stamp] of this.#seen.get(provider) ?? []) {
      const digest = read.get(file) ?? (await digestIfUnchanged(join(specsDir, file), stamp));
      if (digest === undefined) return undefined;
      sources.push({ file, sha256: digest, ...(stamp !== undefined && { stamp }) });
    }
    const outputs = await allVerified(this.outDir, output?.share.manifest.files ?? []);
    if (sources.length === 0 || outputs === undefined) return undefined;
    return { provider, sources, outputs, operations, refused, losses, warnings };
  }
}

async function allVerified(folder: string, records: readonly FileRecord[]): Promise<readonly FileRecord[] | undefined> {
  const now: FileRecord[] = [];
  for (const record of records) {
    const found = await verified(join(folder, record.file), record);
    if (found === undefined) return undefined;
    now.push(found);
  }
  return now;
}

/** By provider. The catalogue's text is cut up and not parsed, which is right only for one that the generator wrote. */
async function sharesAsWritten(
  outDir: string,
  outputs: readonly FileRecord[],
): Promise<ReadonlyMap<string, CatalogueShare> | undefined> {
  const texts = new Map<string, string>();
  for (const record of outputs) {
    const path = join(outDir, record.file);
    if ((await verified(path, record)) === undefined) return undefined;
    texts.set(record.file, await readFile(path, 'utf8'));
  }
  const [catalogue, manifest] = [texts.get(CATALOGUE), texts.get(MANIFEST)];
  if (catalogue === undefined || manifest === undefined) return undefined;
  const shares = writtenShares(catalogue, JSON.parse(manifest) as Manifest);
  return new Map(shares.map((share) => [share.provider.id, share]));
}

/** Of a file that the generator did not read, or not with success: its digest, unless it changed since it was seen. */
async function digestIfUnchanged(path: string, stamp: string | undefined): Promise<string | undefined> {
  const digest = await digestOf(path);
  return stamp !== undefined && fileStamp(path) === stamp ? digest : undefined;
}
