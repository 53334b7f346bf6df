/**
 * Runs things side by side: every round runs each contender once, the next round begins with another one, so that
 * whatever else the machine does meets all of them alike.
 */

import { median } from './quantile.js';

export interface Rounds<Name extends string> {
  /** The contender's figure in each round. */
  readonly figures: Readonly<Record<Name, readonly number[]>>;
  median(name: Name): number;
  /** The median over the rounds of one contender's figure divided by the other's in the same round. */
  ratio(name: Name, against: Name): number;
}

export async function interleave<Name extends string>(
  rounds: number,
  contenders: Readonly<Record<Name, (round: number) => Promise<number>>>,
): Promise<Rounds<Name>> {
  const names = Object.keys(contenders) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!;
      figures[name][round] = await contenders[name](round);
    }
  }
  return {
    figures,
    median: (name) => median(figures[name]),
    ratio: (name, against) => median(figures[name].map((figure, round) => figure / figures[against][round]!)),
  };
}
