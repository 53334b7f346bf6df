/** The environment variable of a provider's credential: `TOLLGATE_CREDENTIAL_GITHUB_BEARER` for `github`, `bearer`. */
export function credentialVariable(provider: string, scheme: string): string {
  return `TOLLGATE_CREDENTIAL_${variablePart(provider)}_${variablePart(scheme)}`;
}

/** A name as it stands in a variable's: upper case, `_` for anything else. */
export function variablePart(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
