/** Drift in lines, still to be made visible: which files, then what it means for those who call, the worst first. */

import { CHANGE_CLASSES } from '../change/change.js';
import type { Drift } from '../change/drift.js';
import { andMore } from './count.js';

/** Of each class, and of files and endpoints of each kind. */
const MOST_ROWS = 50;

export function driftLines(drift: Drift): readonly string[] {
  const rest = (all: number, indent: string): string[] =>
    andMore(all, MOST_ROWS, 'see --report FILE.json').map((line) => indent + line);
  const files = (['added', 'changed', 'removed'] as const).flatMap((kind) => [
    ...drift[kind].slice(0, MOST_ROWS).map((file) => `${kind.padEnd(8)} ${file}`),
    ...rest(drift[kind].length, ''),
  ]);
  const providers = drift.providers
    .slice(0, MOST_ROWS)
    .flatMap(({ provider, ...change }) => [
      `${provider}:`,
      ...(['added', 'changed', 'removed'] as const).flatMap((kind) => [
        ...change[kind].slice(0, MOST_ROWS).map((id) => `  ${kind.padEnd(8)} ${id}`),
        ...rest(change[kind].length, '  '),
      ]),
    ]);
  const classes = CHANGE_CLASSES.flatMap((each) => {
    const rows = drift.rows.filter((row) => row.class === each);
    if (rows.length === 0) return [];
    return [
      `${each} (${String(rows.length)})`,
      ...rows.slice(0, MOST_ROWS).map(({ endpoint, place, message }) => `  ${endpoint}${place}: ${message}`),
      ...rest(rows.length, '  '),
    ];
  });
  return [...files, ...providers, ...rest(drift.providers.length, ''), ...classes];
}
