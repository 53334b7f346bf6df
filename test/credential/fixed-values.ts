import type { CredentialValues } from '../../runtime/credential/credential-values.js';
import type { Secret } from '../../runtime/credential/secret.js';

/** Values that stay as they are, by the name of their variable. */
export function fixedValues(lookup: { get(variable: string): Secret | undefined }): CredentialValues {
  return {
    version: 0,
    get: (variable) => {
      const value = lookup.get(variable);
      return value === undefined ? [] : [value];
    },
  };
}
