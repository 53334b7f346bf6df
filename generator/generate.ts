/**
 * The stages in order: specs/ → load → normalize → settings → price → index → emit. This is the only file that knows the
 * order. Each stage is a function of the one before; what a stage has to say to a maintainer is appended to Findings.
 *
 * Nothing is written here: the result is the text of every file, to be written or compared. It depends on the bytes of
 * the inputs and on nothing else: no clock, no locale, no path of the machine.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { catalogueFiles, type CatalogueShare } from './emit/catalogue-files.js';
import { byCodePoint } from './emit/code-point-order.js';
import { contractSource } from './emit/contract-source.js';
import { endpointDescriptor } from './emit/provider-file.js';
import { providerOutput, type OutputFile, type ProviderOutput } from './emit/provider-output.js';
import { catalogueEntries } from './index/catalogue-entries.js';
import { forbidden, isForbidden } from './load/forbidden.js';
import { loadDocument } from './load/load-document.js';
import { normalize } from './normalize/normalize.js';
import { priceOperations } from './price/price-operations.js';
import { warnUnpriced } from './price/warn-unpriced.js';
import { Findings, SpecError, type Loss, type Place, type Refusal, type Warning } from './report/findings.js';
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
  /** Whether it is told where each endpoint stands in its document. */
  readonly places?: boolean;
}

/** What came of a provider, now or at an earlier generation. */
export interface ProviderOutcome {
  readonly provider: string;
  /** Absent where the provider was refused. */
  readonly share?: CatalogueShare;
  /** Operations of the document, excluded ones among them. */
  readonly operations: number;
  readonly refused: readonly Refusal[];
  readonly losses: readonly Loss[];
  readonly warnings: readonly Warning[];
}

export interface ProviderResult extends Omit<ProviderOutcome, 'share'> {
  /** Absent where the provider was refused. */
  readonly output?: ProviderOutput;
  /** Where each endpoint stands, by its id, and under its own the provider; where that was asked for. */
  readonly places?: Readonly<Record<string, Place>>;
  /** How long it took; nothing that is written depends on it. */
  readonly seconds: number;
}

export interface GenerateOptions extends ProviderOptions {
  readonly specsDir: string;
  /** Only these providers are generated and reported on. */
  readonly only?: readonly string[];
  /** The committed catalogue's shares, of which those that are not of `only` are kept. */
  readonly earlier?: readonly CatalogueShare[];
  /** Which of these providers need not be generated, and what is known of them. */
  readonly reusable?: (sources: readonly ProviderSource[]) => Promise<ReadonlyMap<string, ProviderOutcome>>;
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
  /** Sorted by file name: complete, but for the own files of providers that were kept or reused. */
  readonly files: readonly OutputFile[];
  /** Those files, which stay as they are. */
  readonly kept: readonly string[];
  /** Of the providers that were generated. */
  readonly results: readonly ProviderResult[];
  /** How many providers were reused. They count below as those that were generated do. */
  readonly reused: number;
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
  const reused = (await options.reusable?.(sources)) ?? new Map<string, ProviderOutcome>();
  const changed = sources.filter((source) => !reused.has(source.id));
  const results: ProviderResult[] = [];
  let done = 0;
  await (options.runAll ?? runInProcess)(changed, options, (index, result) => {
    results[index] = result;
    done += 1;
    options.onProvider?.(result, done, changed.length);
  });

  const outputs = results.flatMap((result) => result.output ?? []);
  const kept = [
    ...(options.earlier ?? []).filter((share) => options.only?.includes(share.provider.id) === false),
    ...[...reused.values()].flatMap(({ share }) => share ?? []),
  ];
  const { catalogue, manifest } = catalogueFiles([...kept, ...outputs.map((output) => output.share)]);
  const files: OutputFile[] = [
    { file: 'contract.ts', text: contractSource() },
    { file: 'catalogue.json', text: catalogue },
    { file: 'manifest.json', text: manifest },
    ...outputs.flatMap((output) => output.files),
  ];
  const outcomes: readonly ProviderOutcome[] = [
    ...reused.values(),
    ...results.map((result) => ({ ...result, ...(result.output !== undefined && { share: result.output.share }) })),
  ].sort((left, right) => byCodePoint(left.provider, right.provider));
  const shares = outcomes.flatMap((outcome) => outcome.share ?? []);
  const misplaced = discovery.refused.filter((row) => options.only?.includes(row.provider) ?? true);
  return {
    files: files.sort((left, right) => byCodePoint(left.file, right.file)),
    kept: kept.flatMap((share) => share.manifest.files.map(({ file }) => file)),
    results,
    reused: reused.size,
    documents: sources.length,
    providers: shares.length,
    operations: outcomes.reduce((sum, each) => sum + each.operations, 0),
    endpoints: shares.reduce((sum, share) => sum + share.provider.endpoints, 0),
    refused: [...misplaced, ...outcomes.flatMap((each) => each.refused)],
    losses: outcomes.flatMap((each) => each.losses),
    warnings: outcomes.flatMap((each) => each.warnings),
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
  const result = (operations: number, made: Pick<ProviderResult, 'output' | 'places'> = {}): ProviderResult => ({
    provider: source.id,
    operations,
    ...made,
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
    warnOfMisnamed(source, loaded.files, findings);
    const document = normalize(loaded, id, findings);
    const place = (pointer: string) => loaded.place(pointer);
    const settings = mergeSettings(document, providerYaml, place, id, findings);
    const own = readOperationSettings(document.operations, place, id, findings);

    const selected = selectOperations(document.operations, own, settings, id, findings);
    const retitled = retitleOperations(selected, own);
    const served = overrideServer(retitled, settings, id, findings);
    const settled = settleArguments(served, document.definitions, settings, id, findings);
    const priced = priceOperations(settled, own, settings, id, findings);
    warnUnpriced(settled, own, settings.settings, place(''), id, findings);
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
    const places = options.places === true && {
      places: Object.fromEntries<Place>([
        [id, place('')],
        ...operations.map(({ operation, pointer }): [string, Place] => [`${id}/${operation}`, place(pointer)]),
      ]),
    };
    return result(document.operations.length, { output, ...places });
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const { place, rule, message, remedy } = error;
    findings.refused.push({ ...place, provider: source.id, rule, message, remedy });
    return result(0);
  }
}

/** One after the other. */
export const runInProcess: RunAll = async (sources, options, onResult) => {
  for (const [index, source] of sources.entries()) onResult(index, await generateProvider(source, options));
};

/** A file that the document refers to has the name that it should have. */
function warnOfMisnamed(
  { id, misnamedFiles = [] }: ProviderSource,
  read: readonly { readonly file: string }[],
  findings: Findings,
): void {
  for (const file of misnamedFiles.filter((name) => !read.some((each) => each.file === name))) {
    const wanted = /\/overlay/i.test(file) ? 'overlay.yaml' : 'provider.yaml';
    findings.warnings.push({
      provider: id,
      ...{ file, pointer: '' },
      rule: 'misnamed-file',
      message: `nothing reads ${file}, whose name is nearly that of ${wanted}`,
      remedy: `rename it to ${wanted}, or remove it`,
    });
  }
}

async function readBeside(source: ProviderSource, file: string | undefined) {
  if (file === undefined) return undefined;
  try {
    const bytes = await readFile(join(source.specsDir, file));
    return { file, bytes, text: bytes.toString('utf8') };
  } catch (error) {
    throw isForbidden(error) ? forbidden({ file, pointer: '' }) : error;
  }
}
