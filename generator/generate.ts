/**
 * The stages in order: specs/ → load → normalize → settings → price → index → emit. This is the only file that knows the
 * order. Each stage is a function of the one before; what a stage has to say to a maintainer is appended to Findings.
 *
 * Nothing is written here: the result is the text of every file, to be written or compared. It depends on the bytes of
 * the inputs and on nothing else: no clock, no locale, no path of the machine.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalogue, Manifest } from './contract.js';
import { catalogueFiles, sharesOf, type CatalogueShare } from './emit/catalogue-files.js';
import { byCodePoint } from './emit/code-point-order.js';
import { contractSource } from './emit/contract-source.js';
import { endpointDescriptor } from './emit/provider-file.js';
import { providerOutput, type OutputFile, type ProviderOutput } from './emit/provider-output.js';
import { catalogueEntries } from './index/catalogue-entries.js';
import { loadDocument } from './load/load-document.js';
import { normalize } from './normalize/normalize.js';
import { priceOperations } from './price/price-operations.js';
import { Findings, SpecError, type Loss, type Refusal, type Warning } from './report/findings.js';
import { discoverProviders, type ProviderSource } from './settings/discover-providers.js';
import { overrideServer } from './settings/override-server.js';
import { readOverlay } from './settings/overlay.js';
import { providerDescriptor } from './settings/provider-descriptor.js';
import { mergeSettings, readOperationSettings, readProviderFile } from './settings/read-settings.js';
import { retitleOperations } from './settings/retitle-operations.js';
import { selectOperations } from './settings/select-operations.js';
import { settleArguments } from './settings/settle-arguments.js';

export interface ProviderOptions {
  readonly allowRemoteRefs: boolean;
  /** Whether `types.ts` and `endpoints.ts` are made too. */
  readonly types: boolean;
}

export interface ProviderResult {
  readonly provider: string;
  /** Absent where the provider was refused. */
  readonly output?: ProviderOutput;
  /** Operations of the document, excluded ones among them. */
  readonly operations: number;
  readonly refused: readonly Refusal[];
  readonly losses: readonly Loss[];
  readonly warnings: readonly Warning[];
  /** How long it took; nothing that is written depends on it. */
  readonly seconds: number;
}

export interface GenerateOptions extends ProviderOptions {
  readonly specsDir: string;
  /** Only these providers are generated; the others' share is taken from `earlier`. */
  readonly only?: readonly string[];
  /** The committed catalogue and manifest, for `only`. */
  readonly earlier?: { readonly catalogue: Catalogue; readonly manifest: Manifest };
  /** How the providers are run; one after the other in this process where it is left out. */
  readonly runAll?: RunAll;
  readonly onProvider?: (result: ProviderResult, done: number, total: number) => void;
}

/** Runs `generateProvider` for every source, in any order, and calls back with each result. */
export type RunAll = (
  sources: readonly ProviderSource[],
  options: ProviderOptions,
  onResult: (index: number, result: ProviderResult) => void,
) => Promise<void>;

export interface Generation {
  /** Sorted by file name; complete, also of what `only` kept, except for those providers' own files. */
  readonly files: readonly OutputFile[];
  /** Ids of providers whose files stay as they are. */
  readonly kept: readonly string[];
  readonly documents: number;
  readonly providers: number;
  readonly operations: number;
  readonly endpoints: number;
  readonly refused: readonly Refusal[];
  readonly losses: readonly Loss[];
  readonly warnings: readonly Warning[];
  /** The ten providers that took longest, the longest first. */
  readonly slowest: readonly { readonly provider: string; readonly seconds: number }[];
}

const MOST_SLOWEST = 10;

/** The whole of it: every provider under `specsDir`. Throws an Error where `only` names one that is not there. */
export async function generate(options: GenerateOptions): Promise<Generation> {
  const discovery = await discoverProviders(options.specsDir);
  const sources = discovery.providers.filter((source) => options.only?.includes(source.id) ?? true);
  for (const id of options.only ?? []) {
    if (![...sources.map((source) => source.id), ...discovery.refused.map((row) => row.provider)].includes(id)) {
      throw new Error(`no provider ${JSON.stringify(id)} in ${options.specsDir}: name one that is there`);
    }
  }
  const results: ProviderResult[] = [];
  let done = 0;
  await (options.runAll ?? runInProcess)(sources, options, (index, result) => {
    results[index] = result;
    done += 1;
    options.onProvider?.(result, done, sources.length);
  });

  const outputs = results.flatMap((result) => result.output ?? []);
  const kept = keptShares(options);
  const { catalogue, manifest } = catalogueFiles([...kept, ...outputs.map((output) => output.share)]);
  const files: OutputFile[] = [
    { file: 'contract.ts', text: contractSource() },
    { file: 'catalogue.json', text: catalogue },
    { file: 'manifest.json', text: manifest },
    ...outputs.flatMap((output) => output.files),
  ];
  const misplaced = discovery.refused.filter((row) => options.only?.includes(row.provider) ?? true);
  return {
    files: files.sort((left, right) => byCodePoint(left.file, right.file)),
    kept: kept.map((share) => share.provider.id),
    documents: sources.length,
    providers: outputs.length,
    operations: results.reduce((sum, result) => sum + result.operations, 0),
    endpoints: outputs.reduce((sum, output) => sum + output.share.provider.endpoints, 0),
    refused: [...misplaced, ...results.flatMap((result) => result.refused)],
    losses: results.flatMap((result) => result.losses),
    warnings: results.flatMap((result) => result.warnings),
    slowest: results
      .map(({ provider, seconds }) => ({ provider, seconds }))
      .sort((left, right) => right.seconds - left.seconds)
      .slice(0, MOST_SLOWEST),
  };
}

/** One provider through all of the stages. It throws only for a bug or a failing disk, never for what a file says. */
export async function generateProvider(source: ProviderSource, options: ProviderOptions): Promise<ProviderResult> {
  const startedMs = performance.now();
  const findings = new Findings();
  const result = (operations: number, output?: ProviderOutput): ProviderResult => ({
    provider: source.id,
    operations,
    ...(output !== undefined && { output }),
    refused: findings.refused,
    losses: findings.losses,
    warnings: findings.warnings,
    seconds: (performance.now() - startedMs) / 1000,
  });
  try {
    const { id } = source;
    const settingsText = await readBeside(source, source.settingsFile);
    const overlayText = await readBeside(source, source.overlayFile);
    const providerYaml = settingsText && readProviderFile(settingsText.file, settingsText.text, id, findings);
    const overlay = overlayText && readOverlay(overlayText.file, overlayText.text, id, findings);
    if (findings.refused.length > 0) return result(0);

    const loaded = await loadDocument(
      { provider: id, specsDir: source.specsDir, file: source.file, root: source.root },
      { allowRemoteRefs: options.allowRemoteRefs, ...(overlay !== undefined && { transform: overlay }) },
      findings,
    );
    const document = normalize(loaded, id, findings);
    const place = (pointer: string) => loaded.place(pointer);
    const settings = mergeSettings(document, providerYaml, place, id, findings);
    const own = readOperationSettings(document.operations, place, id, findings);

    const selected = selectOperations(document.operations, own, settings, id, findings);
    const retitled = retitleOperations(selected, own);
    const served = overrideServer(retitled, settings, id, findings);
    const settled = settleArguments(served, document.definitions, settings, id, findings);
    const priced = priceOperations(settled, own, settings, id, findings);
    const provider = providerDescriptor(id, document, settings, findings);
    if (findings.refused.length > 0) return result(document.operations.length);

    const operations = [...priced].sort((left, right) => byCodePoint(left.operation, right.operation));
    const endpoints = operations.map((operation) => endpointDescriptor(id, operation));
    const entries = catalogueEntries(endpoints, document.definitions);
    const sources = [...loaded.files, ...[settingsText, overlayText].flatMap((file) => file ?? [])];
    const output = await providerOutput(
      { provider, definitions: document.definitions, endpoints, entries, sources },
      options.types,
      place,
      findings,
    );
    return result(document.operations.length, output);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const { place, rule, message, remedy } = error;
    findings.refused.push({ ...place, provider: source.id, rule, message, remedy });
    return result(0);
  }
}

const runInProcess: RunAll = async (sources, options, onResult) => {
  for (const [index, source] of sources.entries()) onResult(index, await generateProvider(source, options));
};

function keptShares({ only, earlier }: GenerateOptions): readonly CatalogueShare[] {
  if (only === undefined || earlier === undefined) return [];
  return sharesOf(earlier.catalogue, earlier.manifest).filter((share) => !only.includes(share.provider.id));
}

async function readBeside(source: ProviderSource, file: string | undefined) {
  if (file === undefined) return undefined;
  const bytes = await readFile(join(source.specsDir, file));
  return { file, bytes, text: bytes.toString('utf8') };
}
