import type { Secret } from './secret.js';

/** One value that is put into a request, and where. */
export interface CredentialPart {
  readonly in: 'header' | 'query' | 'cookie';
  readonly name: string;
  /** As it stands in that place, before any encoding that the place asks for. */
  readonly value: Secret;
}

/** What satisfies one alternative of an endpoint's security: all of its parts are applied together. */
export interface Credential {
  readonly parts: readonly CredentialPart[];
  /**
   * Everything that must not come back in an answer or stand in a log: also a token that has taken the place of this
   * credential's own since, so that the answer to a second try is clean too.
   */
  readonly secrets: readonly Secret[];
  /**
   * Forgets the tokens that this credential was made of, because the upstream refused them. True where resolving again
   * may give a fresh one, and so one more try makes sense; false where the operator's own value was refused.
   */
  invalidate(): boolean;
}
