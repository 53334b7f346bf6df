import { join } from 'node:path';

import type { Catalogue } from '../catalogue/catalogue.js';
import { SearchIndex } from './search-index.js';
import { StoredPostings } from './stored-postings.js';

/** Endpoints below which indexing takes no longer than reading. */
const FEWEST_STORED = 5_000;

export interface IndexOptions {
  readonly dataDir: string;
  /** Told when the disk fails: then this start or the next one is slower, and that is all. */
  readonly onFault: (error: unknown) => void;
  /** Begins work that a stop has to wait for, unless the gateway is stopping already. */
  readonly whileOpen: (begin: () => Promise<void>) => void;
}

/** Indexes the catalogue of a start. What a large one is found by is kept, for the next start with the same catalogue. */
export async function indexCatalogue(
  catalogue: Catalogue,
  { dataDir, onFault, whileOpen }: IndexOptions,
): Promise<SearchIndex> {
  if (catalogue.entries.length < FEWEST_STORED) return SearchIndex.build(catalogue);
  const stored = new StoredPostings(join(dataDir, 'search-index'), catalogue.digest);
  const tell = (error: unknown): undefined => void onFault(error);
  const postings = await stored.read().catch(tell);
  const index = await SearchIndex.build(catalogue, { postings });
  if (postings === undefined) whileOpen(() => stored.write(index.postings).catch(tell));
  return index;
}
