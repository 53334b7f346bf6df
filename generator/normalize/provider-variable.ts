/** The environment variables that the gateway looks for: upper case, `_` for anything but letters and digits. */

export function upstreamVariable(provider: string): string {
  return variableName(`TOLLGATE_UPSTREAM_${provider}`);
}

export function credentialVariable(provider: string, scheme: string): string {
  return variableName(`TOLLGATE_CREDENTIAL_${provider}_${scheme}`);
}

function variableName(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
