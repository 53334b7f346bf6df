/** The environment variable of a provider's credential: `TOLLGATE_CREDENTIAL_GITHUB_BEARER` for `github`, `bearer`. */
export function credentialVariable(provider: string, scheme: string): string {
  return `TOLLGATE_CREDENTIAL_${inVariable(provider)}_${inVariable(scheme)}`;
}

function inVariable(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
