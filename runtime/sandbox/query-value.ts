/** Reads the query of the sandbox's own operations, and refuses with 400 what their document does not allow. */

import type { RouterContext } from '@koa/router';

/** The first value of `name` in the query, decoded; undefined where it is absent. */
export function queryText(ctx: RouterContext, name: string): string | undefined {
  return new URLSearchParams(ctx.querystring).get(name) ?? undefined;
}

/** Every value of `name` in the query, decoded, in the order received. */
export function queryTexts(ctx: RouterContext, name: string): readonly string[] {
  return new URLSearchParams(ctx.querystring).getAll(name);
}

/** @throws HttpError 400 for anything but an integer from `min` to `max`. */
export function queryInteger(
  ctx: RouterContext,
  name: string,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  const text = queryText(ctx, name);
  if (text === undefined) return fallback;
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    ctx.throw(400, `${name} is "${text.slice(0, 80)}": send an integer from ${min} to ${max}`);
  }
  return value;
}

/** @throws HttpError 400 for anything but one of `choices`; without `fallback` also where it is absent. */
export function queryChoice<Choice extends string>(
  ctx: RouterContext,
  name: string,
  choices: readonly Choice[],
  fallback?: Choice,
): Choice {
  const text = queryText(ctx, name) ?? fallback;
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) {
    const fault = text === undefined ? 'missing' : `"${text.slice(0, 80)}"`;
    ctx.throw(400, `${name} is ${fault}: send one of ${choices.join(', ')}`);
  }
  return choice;
}

/** @throws HttpError 400 for anything but `true` and `false`; absent is false. */
export function queryFlag(ctx: RouterContext, name: string): boolean {
  return queryChoice(ctx, name, ['true', 'false'], 'false') === 'true';
}
