/**
 * `npm run corpus`: real documents through the whole of Tollgate. It generates a catalogue from 60 of them, serves it,
 * and calls endpoints of five through the gateway against mocks that judge each request. Exit 1 on a crash, on a
 * refused request or on unsound books; else 0.
 */

import { join } from 'node:path';

import { bringPackages, NotBrought } from './bring-packages.js';
import { callDocument, type CalledDocument } from './call-document.js';
import { CALLED, DOCUMENTS, DOCUMENT_GROUPS, providerOf } from './documents.js';
import { createSampler } from './draw-arguments.js';
import { generateCatalogue, GeneratorCrash } from './generate-catalogue.js';
import { CACHE } from './packages.js';
import { placeDocuments } from './place-documents.js';
import { PrismNotStarted } from './prism.js';
import { callLines, faultLines, tally } from './report-calls.js';
import { generationLines } from './report-generation.js';
import { serveCatalogue } from './serve-catalogue.js';
import { startWireTap } from './wire-tap.js';

const SEED = 20_240_229;
const ENDPOINTS_A_DOCUMENT = 60;
const DRAWS_AN_ENDPOINT = 1;
const GENERATE_TIMEOUT_MS = 5 * 60_000;
const MOCK_ANSWER_TIMEOUT_MS = 20_000;

const say = (line: string): void => console.log(line);

try {
  process.exitCode = (await corpus()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof NotBrought || error instanceof GeneratorCrash || error instanceof PrismNotStarted))
    throw error;
  console.error(`corpus: ${error.message}`);
  process.exitCode = 1;
}

/** Whether all of it went well. */
async function corpus(): Promise<boolean> {
  await bringPackages(say);

  say(`\ngenerating a catalogue from ${DOCUMENTS.length} documents in ${DOCUMENT_GROUPS.length} groups`);
  const folders = { specsDir: join(CACHE, 'specs'), outDir: join(CACHE, 'generated') };
  await placeDocuments(DOCUMENTS, folders.specsDir);
  const reportFile = join(CACHE, 'report.json');
  const report = await generateCatalogue({ ...folders, reportFile, timeoutMs: GENERATE_TIMEOUT_MS, say });
  for (const line of generationLines(report)) say(line);

  say(`\nserving it; calling up to ${ENDPOINTS_A_DOCUMENT} endpoints of ${CALLED.length} documents (seed ${SEED})`);
  const called: CalledDocument[] = [];
  const taps = new Map<string, Awaited<ReturnType<typeof startWireTap>>>();
  for (const { document } of CALLED) taps.set(document, await startWireTap(MOCK_ANSWER_TIMEOUT_MS));
  try {
    const upstreams = new Map([...taps].map(([document, tap]) => [providerOf(document), tap.url]));
    const served = await serveCatalogue(folders.outDir, upstreams);
    try {
      const sampler = createSampler(SEED);
      for (const [document, tap] of taps) {
        const mockFile = join(CACHE, `mock-${providerOf(document)}.json`);
        const plan = { document, endpoints: ENDPOINTS_A_DOCUMENT, draws: DRAWS_AN_ENDPOINT, mockFile };
        called.push(await callDocument(plan, served, tap, sampler));
        say(`  ${document}: ${called.at(-1)!.calls.length} calls in ${called.at(-1)!.seconds.toFixed(1)} s`);
      }
      const unsound = await served.unsoundBooks();
      for (const line of [...faultLines(called), ...callLines(called)]) say(line);
      say(unsound.length === 0 ? 'the books are sound' : `the books are NOT sound:\n  ${unsound.join('\n  ')}`);
      const { refused, crashed } = tally(called.flatMap((document) => document.calls));
      return refused + crashed + unsound.length === 0;
    } finally {
      await served.close();
    }
  } finally {
    for (const tap of taps.values()) await tap.close();
  }
}
