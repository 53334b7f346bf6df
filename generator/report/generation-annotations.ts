/** What a generation has to mark on a pull request: what was refused, and what breaks or costs those who call. */

import type { Drift } from '../change/drift.js';
import type { Annotation } from './annotations.js';
import type { Place, Refusal } from './findings.js';

export interface AnnotatedGeneration {
  readonly refused: readonly Refusal[];
  /** Of the committed catalogue, where it was checked. */
  readonly drift?: Drift;
  /** Where endpoints stand, and by their ids providers. */
  readonly places: Readonly<Record<string, Place>>;
  /** A file below `specs/` as a path below the folder that was checked out. */
  readonly pathOf: (file: string) => string;
}

export function generationAnnotations(generation: AnnotatedGeneration): readonly Annotation[] {
  const { refused, drift, places, pathOf } = generation;
  const placed = (place: Place | undefined): Pick<Annotation, 'file' | 'line' | 'column'> => {
    if (place === undefined) return {};
    const { file, line, column } = place;
    return { file: pathOf(file), ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
  };
  const placeOf = (endpoint: string): Place | undefined => {
    const provider = endpoint.split('/', 1)[0]!;
    return [endpoint, provider].map((id) => (Object.hasOwn(places, id) ? places[id] : undefined)).find(Boolean);
  };
  return [
    ...refused.map((row): Annotation => ({
      level: 'error',
      ...placed(row),
      title: `refused: ${row.provider}`,
      message: `${row.message}: ${row.remedy}`,
    })),
    ...(drift?.rows ?? []).flatMap((row): readonly Annotation[] => {
      if (row.class === 'safe') return [];
      const level = row.class === 'breaking' ? 'error' : 'warning';
      const title = `${row.class}: ${row.endpoint}`;
      return [{ level, ...placed(placeOf(row.endpoint)), title, message: `${row.place} ${row.message}`.trim() }];
    }),
    ...(drift === undefined || drift.class === null ? [] : [outOfDate(drift)]),
  ];
}

function outOfDate({ added, changed, removed }: Drift): Annotation {
  const files = added.length + changed.length + removed.length;
  return {
    level: 'notice',
    title: 'the catalogue is out of date',
    message: `${String(files)} generated ${files === 1 ? 'file differs' : 'files differ'}: generate and commit`,
  };
}
