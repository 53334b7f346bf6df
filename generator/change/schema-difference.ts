/** One difference between two schemas, whichever side of a call they are on. */
export interface SchemaDifference {
  readonly kind: SchemaDifferenceKind;
  /** Names of properties, indices; `-` for every item of a list or entry of a map. */
  readonly path: readonly string[];
  /** `string before, integer now`; `''` where the kind says it all. */
  readonly detail: string;
}

/**
 * `narrowed`, `tightened`, `closed`: fewer values fit than before; `widened`, `loosened`, `opened`: more. `changed`: some
 * that fitted do not, and some that did not do, or nobody can say.
 */
export type SchemaDifferenceKind =
  | 'property-added'
  | 'required-property-added'
  | 'property-removed'
  | 'property-required'
  | 'property-optional'
  | 'type-narrowed'
  | 'type-widened'
  | 'type-changed'
  | 'value-added'
  | 'value-removed'
  | 'bound-tightened'
  | 'bound-loosened'
  | 'format-changed'
  | 'closed'
  | 'opened'
  | 'default-changed'
  | 'text-changed';
