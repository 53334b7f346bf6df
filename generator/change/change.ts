/**
 * The vocabulary of a change report: what became of an endpoint from one catalogue to the next, in the words of those
 * who call it. What cannot be shown to be compatible counts as `breaking`: a report that calls a break safe is worse than
 * one that asks for a look too many.
 */

/**
 * - `breaking`: a call that was right may now be refused, or its answer may not be what a caller counts on.
 * - `priced`: calls work as before, but what they cost, when they are charged or who is paid is another.
 * - `safe`: all that was right stays right.
 */
export type ChangeClass = 'breaking' | 'priced' | 'safe';

/** The worst first. */
export const CHANGE_CLASSES: readonly ChangeClass[] = ['breaking', 'priced', 'safe'];

export type ChangeKind =
  | 'endpoint-removed'
  | 'endpoint-added'
  | 'method-changed'
  | 'path-changed'
  | 'server-changed'
  | 'credentials-changed'
  | 'argument-added'
  | 'argument-removed'
  | 'argument-required'
  | 'argument-optional'
  | 'answer-added'
  | 'answer-removed'
  | 'answer-field-added'
  | 'answer-field-removed'
  | 'answer-field-always'
  | 'answer-field-optional'
  | 'type-narrowed'
  | 'type-widened'
  | 'type-changed'
  | 'enum-value-added'
  | 'enum-value-removed'
  | 'bound-tightened'
  | 'bound-loosened'
  | 'format-changed'
  | 'default-changed'
  | 'content-type-changed'
  | 'request-changed'
  | 'price-raised'
  | 'price-lowered'
  | 'price-unit-changed'
  | 'price-changed'
  | 'charging-changed'
  | 'seller-changed'
  | 'limits-changed'
  | 'deprecated'
  | 'text-changed'
  | 'unreadable';

export interface Change {
  /** The endpoint's id, or the provider's where all of its endpoints are concerned. */
  readonly endpoint: string;
  /**
   * Where in the endpoint, as a JSON pointer over values and not over schemas: `/arguments/body/pets/-/name`,
   * `/answers/200/id`, with `-` for every item of a list or entry of a map. `""` is the endpoint itself.
   */
  readonly place: string;
  readonly kind: ChangeKind;
  readonly class: ChangeClass;
  /** A sentence without its end. It may quote the document: to be made visible before it is shown on a terminal. */
  readonly message: string;
}

/** The worst class among the changes, `undefined` where there are none. */
export function worstClass(changes: readonly Change[]): ChangeClass | undefined {
  return CHANGE_CLASSES.find((each) => changes.some((change) => change.class === each));
}
