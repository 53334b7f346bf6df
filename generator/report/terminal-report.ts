/** The report of a generation for people: what was refused first, then what was lost, then what to look at. */

import { andMore, count } from './count.js';
import type { Loss, Place, Warning } from './findings.js';
import type { Report } from './report.js';

const MOST_ROWS = 10;

/** Lines, still to be made visible. Refusals are complete; losses and warnings are grouped and cut short. */
export function terminalReport(report: Report): readonly string[] {
  const lines: string[] = [];
  for (const row of report.refused) {
    lines.push(`refused ${row.provider}: ${row.message}`);
    lines.push(`  at ${position(row)} [${row.rule}]`, `  → ${row.remedy}`);
  }
  lines.push(...group('losses', report.losses, lossKey, lossLine));
  lines.push(...group('warnings', report.warnings, (row) => row.rule, warningLine));
  lines.push(
    `${count(report.providers, 'provider')} with ${count(report.endpoints, 'endpoint')} ` +
      `from ${count(report.documents, 'document')} with ${count(report.operations, 'operation')}; ` +
      `${String(report.refused.length)} refused, ${count(report.losses.length, 'loss', 'losses')}, ` +
      `${count(report.warnings.length, 'warning')}; ${report.seconds.toFixed(1)} s, ${String(report.peakRssMb)} MB`,
  );
  return lines;
}

/** `file:line:column #pointer`, as far as it is known. */
export function position({ file, line, column, pointer }: Place): string {
  const spot = line === undefined ? file : `${file}:${String(line)}${column === undefined ? '' : `:${String(column)}`}`;
  return pointer === '' ? spot : `${spot} #${pointer}`;
}

function group<Row>(
  title: string,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  lineOf: (row: Row) => string,
): string[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [row]);
    else known.push(row);
  }
  return [...groups].flatMap(([key, members]) => [
    `${title}: ${key} (${String(members.length)})`,
    ...[
      ...members.slice(0, MOST_ROWS).map(lineOf),
      ...andMore(members.length, MOST_ROWS, 'see --report FILE.json'),
    ].map((line) => `  ${line}`),
  ]);
}

function lossKey(row: Loss): string {
  return row.rule;
}

function lossLine(row: Loss): string {
  return `${row.endpoint}: ${row.what}: ${row.why} (${position(row)}) → ${row.remedy}`;
}

function warningLine(row: Warning): string {
  return `${row.provider}: ${row.message} (${position(row)}) → ${row.remedy}`;
}
