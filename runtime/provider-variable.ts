/** The environment variables that are about one provider: what they are called. `config.ts` reads them. */

export const CREDENTIAL_PREFIX = 'TOLLGATE_CREDENTIAL_';
export const UPSTREAM_PREFIX = 'TOLLGATE_UPSTREAM_';

/** The variable of a scheme's credential: `TOLLGATE_CREDENTIAL_GITHUB_BEARER` for `github`, `bearer`. */
export function credentialVariable(provider: string, scheme: string): string {
  return `${CREDENTIAL_PREFIX}${variablePart(provider)}_${variablePart(scheme)}`;
}

/** The variable of the base URL that takes the place of a provider's own: `TOLLGATE_UPSTREAM_GITHUB` for `github`. */
export function upstreamVariable(provider: string): string {
  return `${UPSTREAM_PREFIX}${variablePart(provider)}`;
}

/** A name as it stands in a variable's: upper case, `_` for anything else. */
export function variablePart(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
