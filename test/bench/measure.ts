/**
 * What a measure is and what it answers. Machines are shared and noisy, so a figure that matters is a ratio between
 * things that ran side by side; a goal says what the ratio (or the value, where nothing stands against it) should be.
 * A goal that does not hold is told and is never an error.
 */

import type { BenchContext } from './context.js';

export interface Goal {
  readonly bound: 'at least' | 'at most';
  readonly of: 'ratio' | 'value';
  readonly limit: number;
}

export interface Figure {
  readonly measure: string;
  readonly value: number;
  /** Of the value and of what it stands against: `calls/s`, `ms`, `MB`. */
  readonly unit: string;
  readonly against?: { readonly what: string; readonly value: number };
  /** The value divided by what it stands against; where there are rounds, the median of the rounds' ratios. */
  readonly ratio?: number;
  readonly goal?: Goal;
  /** What a reader has to know to read the figure right. */
  readonly note?: string;
}

export interface Measure {
  /** What `--only` takes. */
  readonly name: string;
  readonly run: (context: BenchContext) => Promise<readonly Figure[]>;
}

/** Whether the figure reaches its goal; undefined where it has none. */
export function holds({ value, ratio, goal }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  const measured = goal.of === 'ratio' ? ratio : value;
  if (measured === undefined) throw new Error('a goal of a ratio needs a figure with a ratio');
  return goal.bound === 'at least' ? measured >= goal.limit : measured <= goal.limit;
}
