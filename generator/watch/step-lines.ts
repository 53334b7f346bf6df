/** What became of the providers that were touched, in lines for the operator of the gateway that serves them. */

import type { ProviderResult } from '../generate.js';
import { andMore, count } from '../report/count.js';
import { position } from '../report/terminal-report.js';
import { visible } from '../report/visible.js';
import type { ProviderStep } from './live-catalogue.js';

/** Of warnings and losses; `tollgate generate` tells all. */
const MOST_ROWS = 5;

/** What a document says stands in them as one that cannot move a terminal's cursor or begin a line of its own. */
export function stepLines(row: ProviderStep): readonly string[] {
  return linesOf(row).map(visible);
}

function linesOf(row: ProviderStep): readonly string[] {
  const { provider, step, endpoints } = row;
  switch (step) {
    case 'gone':
      return [`${provider} is gone`];
    case 'refused':
      return [
        ...(row.refused ?? []).flatMap((refusal) => [
          `refused ${provider}: ${refusal.message}`,
          `  at ${position(refusal)} [${refusal.rule}]`,
          `  → ${refusal.remedy}`,
        ]),
        stays(row),
      ];
    case 'failed':
      return [`the generator failed on ${provider}:`, ...(row.error?.stack ?? '').split('\n'), stays(row)];
    case 'new':
    case 'changed':
    case 'as before':
      return [
        `${provider}: ${count(endpoints, 'endpoint')}, ${step}`,
        ...(row.result === undefined ? [] : findingLines(row.result)),
      ];
  }
}

function stays({ provider, endpoints, served }: ProviderStep): string {
  return served === true
    ? `  ${provider} is served as it was before, with ${count(endpoints, 'endpoint')}`
    : `  ${provider} is not served`;
}

function findingLines({ warnings, losses }: ProviderResult): readonly string[] {
  const lines = [
    ...losses.map((row) => `loss: ${row.endpoint}: ${row.what}: ${row.why} (${position(row)})`),
    ...warnings.map((row) => `warning: ${row.message} (${position(row)}) → ${row.remedy}`),
  ];
  const more = andMore(lines.length, MOST_ROWS, '`tollgate generate` tells all');
  return [...lines.slice(0, MOST_ROWS), ...more].map((line) => `  ${line}`);
}
