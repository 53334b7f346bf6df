/**
 * How long one search takes: what browse_apis does for a query, the first ten rows, against SQLite's FTS5 on the same
 * rows and the same queries; over the committed catalogue and over the large one.
 */

import { Catalogue } from '../../../runtime/catalogue/catalogue.js';
import { browse, type Reputation } from '../../../runtime/discovery/browse.js';
import { SearchIndex } from '../../../runtime/discovery/search-index.js';
import type { BenchContext } from '../context.js';
import { buildFts5 } from '../fts5.js';
import { interleave } from '../interleave.js';
import type { Figure, Measure } from '../measure.js';
import { quantile } from '../quantile.js';
import { QUERIES } from '../queries.js';
import { COMMITTED_CATALOGUE_DIR } from '../synthetic-catalogue.js';

export const search: Measure = { name: 'search', run };

const NO_REPUTATION: Reputation = { observed: () => undefined, rating: () => undefined };

async function run(context: BenchContext): Promise<readonly Figure[]> {
  const committed = await searches(COMMITTED_CATALOGUE_DIR, context);
  context.say('making the large catalogue');
  const large = await context.large();
  return [
    ...figuresOf(`search, committed catalogue (${committed.endpoints} endpoints)`, committed, false),
    ...figuresOf(`search, ${large.told}`, await searches(large.dir, context), true),
  ];
}

interface Searches {
  readonly endpoints: number;
  /** Milliseconds of each search. */
  readonly own: readonly number[];
  readonly fts5: readonly number[];
}

async function searches(dir: string, { quick, say }: BenchContext): Promise<Searches> {
  const catalogue = await Catalogue.open(dir);
  say(`indexing ${catalogue.entries.length} endpoints`);
  const index = await SearchIndex.build(catalogue);
  const fts5 = await buildFts5(catalogue.entries);
  const timed = async (work: () => unknown): Promise<number> => {
    const startMs = performance.now();
    await work();
    return performance.now() - startMs;
  };
  const contendersOf = (query: string) => ({
    own: () => timed(() => browse(catalogue, { index }, NO_REPUTATION, { query, limit: 10 }, () => undefined)),
    fts5: () => timed(() => fts5.search(query)),
  });
  for (const query of QUERIES) await interleave(2, contendersOf(query));
  say(`${QUERIES.length} queries`);
  const own: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < (quick ? 3 : 5); round++) {
    for (const query of QUERIES) {
      const { figures } = await interleave(1, contendersOf(query));
      own.push(...figures.own);
      theirs.push(...figures.fts5);
    }
  }
  await fts5.close();
  return { endpoints: catalogue.entries.length, own, fts5: theirs };
}

function figuresOf(what: string, { own, fts5 }: Searches, judged: boolean): readonly Figure[] {
  const goals = {
    0.5: { bound: 'at most', of: 'ratio', limit: 1 / 3 },
    0.99: { bound: 'at most', of: 'value', limit: 15 },
  } as const;
  return ([0.5, 0.99] as const).map((q) => {
    const value = quantile(own, q);
    const against = { what: `SQLite FTS5, BM25, p${q * 100}`, value: quantile(fts5, q) };
    const figure = { measure: `${what}, p${q * 100}`, value, unit: 'ms', against, ratio: value / against.value };
    return judged ? { ...figure, goal: goals[q] } : figure;
  });
}
