/** What a generation made of the documents, and what Ajv made of that, for people. */

import type { Report } from '../../generator/report/report.js';
import type { CatalogueCheck } from './check-catalogue.js';
import { table } from './table.js';

/** Failures of Ajv that are listed; the JSON report has them all. */
const MOST_FAILURES = 50;

/** @param operations how many the documents have; what the generator says where it was not counted */
export function generationLines(report: Report, operations = report.operations): readonly string[] {
  const { documents, providers, endpoints, refused, losses, warnings, seconds, peakRssMb } = report;
  const head = ['documents', 'admitted', '%', 'operations', 'endpoints', '%', 'losses', 'warnings', 'seconds', 'MB'];
  const rows = [documents, providers, percent(providers, documents), operations, endpoints];
  return [
    ...table(head, [
      [...rows, percent(endpoints, operations), losses.length, warnings.length, seconds.toFixed(1), peakRssMb],
    ]),
    ...refused.map(({ document, pointer, rule, message }) => `refused ${document} #${pointer} [${rule}] ${message}`),
    ...counted(losses, ({ rule, why }) => `loss [${rule}] ${kindOf(why)}`),
  ];
}

/** What was refused and warned about, by rule, and which documents took longest. */
export function detailLines({ refused, warnings, slowest }: Report): readonly string[] {
  return [
    ...counted(refused, ({ rule }) => `refused [${rule}]`),
    ...counted(warnings, ({ rule }) => `warning [${rule}]`),
    ...table(
      ['slowest', 'seconds'],
      slowest.map(({ provider, seconds }) => [provider, seconds.toFixed(1)]),
    ),
  ];
}

export function checkLines({ schemas, examples, failures, seconds }: CatalogueCheck): readonly string[] {
  const ofSchemas = failures.filter(({ check }) => check === 'schema').length;
  const row = [schemas, ofSchemas, examples, failures.length - ofSchemas, seconds.toFixed(1)];
  const rest = failures.length - MOST_FAILURES;
  return [
    ...table(['schemas', 'do not compile', 'examples', 'break their schema', 'seconds'], [row]),
    ...failures.slice(0, MOST_FAILURES).map(({ of, check, message }) => `${check} of ${of}: ${message.slice(0, 300)}`),
    ...(rest > 0 ? [`… and ${rest} more: see --json FILE`] : []),
  ];
}

function percent(part: number, whole: number): string {
  return ((100 * part) / whole).toFixed(2);
}

/** Whatever value, pattern or media type it was about. */
function kindOf(why: string): string {
  return why
    .replace(/"(?:[^"\\]|\\.)*("|…)/g, '"…"')
    .replace(/\S*application\S*|\b\w+\/\S+/g, '<media type>')
    .replace(/^\S+ is no (?=number|count|list|schema|text|object|positive)/, '"…" is no ');
}

/** How many rows there are of each kind, the most frequent first. */
function counted<Row>(rows: readonly Row[], kind: (row: Row) => string): readonly string[] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(kind(row), (counts.get(kind(row)) ?? 0) + 1);
  return [...counts]
    .sort(([, left], [, right]) => right - left)
    .map(([name, count]) => `${String(count).padStart(6)} × ${name}`);
}
