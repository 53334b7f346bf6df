/**
 * Turns differences of schemas into changes for those who call. The sides are each other's mirror: of arguments fewer
 * may be taken than before, which breaks calls; of answers more may come than before, which breaks what reads them.
 */

import { toPointer } from '../load/json-pointer.js';
import type { Change, ChangeClass, ChangeKind } from './change.js';
import type { SchemaDifference, SchemaDifferenceKind } from './schema-difference.js';

export type CallSide = 'arguments' | 'answers';

type Row = readonly [kind: ChangeKind, severity: ChangeClass, words: string];

const ROWS: Readonly<Record<SchemaDifferenceKind, Readonly<Record<CallSide, Row>>>> = {
  'property-added': {
    arguments: ['argument-added', 'safe', 'a new optional argument'],
    answers: ['answer-field-added', 'safe', 'a new field'],
  },
  'required-property-added': {
    arguments: ['argument-required', 'breaking', 'a new argument that is required'],
    answers: ['answer-field-added', 'safe', 'a new field, always there'],
  },
  'property-removed': {
    arguments: ['argument-removed', 'breaking', 'the argument is gone'],
    answers: ['answer-field-removed', 'breaking', 'the field is gone'],
  },
  'property-required': {
    arguments: ['argument-required', 'breaking', 'the argument is required now'],
    answers: ['answer-field-always', 'safe', 'the field is always there now'],
  },
  'property-optional': {
    arguments: ['argument-optional', 'safe', 'the argument is optional now'],
    answers: ['answer-field-optional', 'breaking', 'the field may be absent now'],
  },
  'type-narrowed': {
    arguments: ['type-narrowed', 'breaking', 'the type is narrower'],
    answers: ['type-narrowed', 'safe', 'the type is narrower'],
  },
  'type-widened': {
    arguments: ['type-widened', 'safe', 'the type is wider'],
    answers: ['type-widened', 'breaking', 'the type is wider'],
  },
  'type-changed': {
    arguments: ['type-changed', 'breaking', 'the type is another'],
    answers: ['type-changed', 'breaking', 'the type is another'],
  },
  'value-added': {
    arguments: ['enum-value-added', 'safe', 'values were added'],
    answers: ['enum-value-added', 'breaking', 'values were added'],
  },
  'value-removed': {
    arguments: ['enum-value-removed', 'breaking', 'values were removed'],
    answers: ['enum-value-removed', 'safe', 'values were removed'],
  },
  'bound-tightened': {
    arguments: ['bound-tightened', 'breaking', 'the limit is tighter'],
    answers: ['bound-tightened', 'safe', 'the limit is tighter'],
  },
  'bound-loosened': {
    arguments: ['bound-loosened', 'safe', 'the limit is looser'],
    answers: ['bound-loosened', 'breaking', 'the limit is looser'],
  },
  'format-changed': {
    arguments: ['format-changed', 'breaking', 'the format is another'],
    answers: ['format-changed', 'breaking', 'the format is another'],
  },
  // Of a field that nobody has told of nobody can have made use, so that answers may gain and lose those.
  closed: {
    arguments: ['type-narrowed', 'breaking', 'the type is narrower'],
    answers: ['type-narrowed', 'safe', 'the type is narrower'],
  },
  opened: {
    arguments: ['type-widened', 'safe', 'the type is wider'],
    answers: ['type-widened', 'safe', 'the type is wider'],
  },
  'default-changed': {
    arguments: ['default-changed', 'safe', 'the default is another'],
    answers: ['default-changed', 'safe', 'the default is another'],
  },
  'text-changed': {
    arguments: ['text-changed', 'safe', 'titles, descriptions or examples are others'],
    answers: ['text-changed', 'safe', 'titles, descriptions or examples are others'],
  },
};

/** `base` is where the schemas stand: `['arguments']`, `['answers', '200']`. */
export function schemaChanges(
  endpoint: string,
  base: readonly string[],
  side: CallSide,
  differences: readonly SchemaDifference[],
): readonly Change[] {
  return differences.map((difference) => {
    const [kind, severity, words] = ROWS[difference.kind][side];
    const message = difference.detail === '' ? words : `${words}: ${difference.detail}`;
    return { endpoint, place: toPointer([...base, ...difference.path]), kind, class: severity, message };
  });
}
