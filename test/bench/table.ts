/** The figures as a table for people. */

import { holds, type Figure } from './measure.js';

const HEADINGS = ['measure', 'value', 'against', 'ratio', 'goal', ''];

export function table(figures: readonly Figure[]): string {
  const rows = [HEADINGS, ...figures.map(row)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const notes = figures.flatMap(({ measure, note }) => (note === undefined ? [] : [`  ${measure}: ${note}`]));
  return [lines[0]!, widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1), '', ...notes].join('\n');
}

function row(figure: Figure): readonly string[] {
  const { measure, value, unit, against, ratio, goal } = figure;
  return [
    measure,
    `${rounded(value)} ${unit}`,
    against === undefined ? '' : `${rounded(against.value)} ${unit}: ${against.what}`,
    ratio === undefined ? '' : rounded(ratio),
    goal === undefined ? '' : `${goal.bound} ${rounded(goal.limit)}${goal.of === 'ratio' ? '' : ` ${unit}`}`,
    { true: 'held', false: 'not yet', undefined: '' }[String(holds(figure)) as 'true' | 'false' | 'undefined'],
  ];
}

/** Three significant digits at least; no more than a noisy machine can tell. */
function rounded(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
