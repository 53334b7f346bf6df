/** Credentials for every scheme of a provider: right in form, secret to nobody, as a mock asks only whether one is there. */

import type { ProviderDescriptor, SecurityScheme } from '../../generated/contract.js';
import { credentialVariable } from '../../runtime/provider-variable.js';

/** Variable → value, as an operator would set them. A client certificate is shown over TLS alone, and mocks have none. */
export function testCredentials(provider: ProviderDescriptor): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, scheme] of Object.entries(provider.securitySchemes)) {
    const value = valueFor(scheme);
    if (value !== undefined) values[credentialVariable(provider.id, name)] = value;
  }
  return values;
}

function valueFor(scheme: SecurityScheme): string | undefined {
  switch (scheme.type) {
    case 'apiKey':
      return 'corpus-key-0123456789';
    case 'http':
      return ['basic', 'digest'].includes(scheme.scheme) ? 'corpus-user:corpus-password' : 'corpus-token-0123456789';
    // Without a colon it is a ready bearer token, for which no token server is asked.
    case 'oauth2':
    case 'openIdConnect':
      return 'corpus-token-0123456789';
    case 'awsSigV4':
      return 'AKIACORPUS0123456789:corpus-secret-0123456789';
    case 'mutualTLS':
      return undefined;
  }
}
