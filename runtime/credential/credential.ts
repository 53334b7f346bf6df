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
  /** Whether resolving again, after `invalidate`, may give another one. False for what the operator set. */
  readonly renewable: boolean;
  /** Forgets the tokens that this credential was made of, because the upstream refused them. */
  invalidate(): void;
}
