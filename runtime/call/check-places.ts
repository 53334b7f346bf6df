/** What a check found, as a reader is told it: places in a value, each with the keyword of the schema that it breaks. */

import type { ErrorObject } from 'ajv/dist/2020.js';

import { shownPlace } from './shown-place.js';

/** More than these are not looked at. */
const MOST_ERRORS = 100;

/** @param within what the places are in, such as `[3]` for a record of a stream. */
export function checkPlaces(errors: readonly ErrorObject[] | null | undefined, within = ''): readonly string[] {
  const told = (errors ?? []).slice(0, MOST_ERRORS);
  return [
    ...new Set(
      told
        .filter((error, index) => !isOfAlternative(error, told.slice(index + 1)))
        .map((error) => placeOf(error, within)),
    ),
  ];
}

/**
 * If none of several alternatives fits, that is told once, at their place. What each of them lacks comes before it in
 * the list, and is left out.
 */
function isOfAlternative({ instancePath }: ErrorObject, later: readonly ErrorObject[]): boolean {
  return later.some(
    (error) =>
      (error.keyword === 'anyOf' || error.keyword === 'oneOf') &&
      (instancePath === error.instancePath || instancePath.startsWith(`${error.instancePath}/`)),
  );
}

/** A JSON pointer and a keyword. */
function placeOf({ instancePath, keyword, params }: ErrorObject, within: string): string {
  const place = keyword === 'required' ? `${instancePath}/${String(params.missingProperty)}` : instancePath;
  const pointer = within + shownPlace(place);
  return `${pointer === '' ? 'the whole' : pointer} (${keyword})`;
}
