/**
 * How much a proof does: the promise's own figure in the full form (`npm run test:crash`, `test:bank`), and in `npm test`
 * as much as shows that the proof still works.
 */

const FULL = process.env['TEST_FULL'] !== undefined;

export function figure({ full, short }: { readonly full: number; readonly short: number }): number {
  return FULL ? full : short;
}
