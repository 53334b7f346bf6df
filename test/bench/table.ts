/** The figures as a table for people. */

import { holds, type Figure } from './measure.js';

const HEADINGS = ['measure', 'value', 'against', 'ratio', 'goal', ''];

/** @param judged whether to say of each goal if it is held: not where the figures are rough. */
export function table(figures: readonly Figure[], judged = true): string {
  const rows = [HEADINGS, ...figures.map((figure) => row(figure, judged))];
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

function row(figure: Figure, judged: boolean): readonly string[] {
  const { measure, value, unit, against, ratio, goal } = figure;
  return [
    measure,
    `${rounded(value)} ${unit}`,
    against === undefined ? '' : `${rounded(against.value)} ${unit}: ${against.what}`,
    ratio === undefined ? '' : rounded(ratio),
    goal === undefined ? '' : `${goal.bound} ${rounded(goal.limit)}${goal.of === 'ratio' ? '' : ` ${unit}`}`,
    judgement(judged ? holds(figure) : undefined),
  ];
}

function judgement(held: boolean | undefined): string {
  if (held === undefined) return '';
  return held ? 'held' : 'not yet';
}

/** Three significant digits at least; no more than a noisy machine can tell. */
function rounded(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
