/**
 * Refuses documents that are nested too deeply or have too many nodes, before any later stage walks them: all of those
 * recurse, and rely on the bounds that are kept here. Real documents stay below 100 levels and 10 million nodes.
 */

import { SpecError } from '../report/findings.js';
import { toPointer } from './json-pointer.js';

const MAX_LEVELS = 500;
const MAX_NODES = 20_000_000;

/**
 * @param file path below `specs/`, for messages
 * @returns how many members the objects have in all
 * @throws SpecError `too-deep` or `too-large`
 */
export function guardSize(root: unknown, file: string): number {
  const path: (string | number)[] = [];
  let nodes = 0;
  let members = 0;

  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (++nodes > MAX_NODES) {
      const message = `more than ${MAX_NODES} objects and arrays once its aliases are written out`;
      throw new SpecError({ file, pointer: '' }, 'too-large', message, 'split the document into several providers');
    }
    if (path.length >= MAX_LEVELS) {
      const message = `nested more than ${MAX_LEVELS} levels deep`;
      const place = { file, pointer: toPointer(path.slice(0, 8)) };
      throw new SpecError(place, 'too-deep', message, 'name the inner schemas under components and refer to them');
    }
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index++) {
        path.push(index);
        visit(value[index]);
        path.pop();
      }
    } else {
      for (const key of Object.keys(value)) {
        members++;
        path.push(key);
        visit((value as Record<string, unknown>)[key]);
        path.pop();
      }
    }
  };
  visit(root);
  return members;
}
