/**
 * The operator's keys for a scheme: those of its own variable, or else of the one that provider.yaml names. A variable
 * that could be another provider's is never a scheme's own.
 */

import type { CredentialSource } from '../../generated/contract.js';
import { credentialVariable } from '../provider-variable.js';
import type { CredentialValues } from './credential-values.js';
import type { SecuredProvider } from './credential-plan.js';
import { isOwnVariable, type Owners } from './is-own-variable.js';
import type { Secret } from './secret.js';

export interface ConfiguredKeys {
  /** Where they were looked for, in this order; none where the scheme has no variable. */
  readonly variables: readonly string[];
  /** The first of those that has any. */
  readonly variable?: string;
  readonly keys: readonly Secret[];
}

/** What provider.yaml says of a scheme. */
export function namedSource(credentials: SecuredProvider['credentials'], scheme: string): CredentialSource | undefined {
  return Object.hasOwn(credentials, scheme) ? credentials[scheme] : undefined;
}

export function configuredKeys(
  values: CredentialValues,
  owners: Owners,
  { id, securitySchemes, credentials }: SecuredProvider,
  scheme: string,
): ConfiguredKeys {
  const configured = namedSource(credentials, scheme);
  const own = isOwnVariable(id, scheme, owners) ? [credentialVariable(id, scheme)] : [];
  const variables = [...own, ...(configured === undefined ? [] : [configured.env])];
  const schemes = Object.keys(securitySchemes).map((other) => credentialVariable(id, other));
  for (const variable of variables) {
    const isAlone = schemes.some(
      (other) => other.startsWith(`${variable}_`) && /^(\d+|FILE)$/.test(other.slice(variable.length + 1)),
    );
    const keys = values.get(variable, isAlone).filter((key) => key.reveal() !== '');
    if (keys.length > 0) return { variables, variable, keys };
  }
  return { variables, keys: [] };
}
