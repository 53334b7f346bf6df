/**
 * Values that are there and that no call could be made with, for the log and `/readyz`: else a scheme that somebody has
 * configured looks as if nobody had. Client certificates are told of apart, with their time.
 */

import type { SecurityScheme } from '../../generated/contract.js';
import { credentialVariable } from '../provider-variable.js';
import { configuredKeys, namedSource } from './configured-keys.js';
import { faultOfValue } from './credential-form.js';
import type { SecuredProvider, SecuredProviders } from './credential-plan.js';
import type { CredentialValues } from './credential-values.js';
import { ownersOf } from './is-own-variable.js';
import type { Secret } from './secret.js';

export interface WrongValue {
  /** Names the variable, and which of its keys where there are several. */
  readonly line: string;
  readonly remedy: string;
}

/** The first of the keys that cannot be used. */
export function wrongValue(scheme: SecurityScheme, variable: string, keys: readonly Secret[]): WrongValue | undefined {
  for (const [index, key] of keys.entries()) {
    const wrong = faultOfValue(scheme, variable, key);
    if (wrong === undefined) continue;
    const which = keys.length === 1 ? 'the value' : `key ${index + 1}`;
    return { line: `${which} of ${variable} ${wrong.fault}`, remedy: wrong.remedy };
  }
  return undefined;
}

export class WrongValues {
  #told:
    { readonly version: number; readonly providers: SecuredProviders; readonly lines: readonly string[] } | undefined;

  constructor(private readonly values: CredentialValues) {}

  /** A line for each variable. Looked for again where a value or the providers have changed, since it is asked often. */
  lines(providers: SecuredProviders): readonly string[] {
    const { version } = this.values;
    if (this.#told?.version === version && this.#told.providers === providers) return this.#told.lines;
    const lines = [...new Set(this.#find(providers))];
    this.#told = { version, providers, lines };
    return lines;
  }

  /** Whether there is a value at all: of thousands of providers few have one, and the whole question takes longer. */
  #mayHave(id: string, { credentials }: Omit<SecuredProvider, 'id'>, scheme: string): boolean {
    const named = namedSource(credentials, scheme);
    const variables = [credentialVariable(id, scheme), ...(named === undefined ? [] : [named.env])];
    return variables.some((variable) => this.values.get(variable, false).length > 0);
  }

  #find(providers: SecuredProviders): readonly string[] {
    const owners = ownersOf(providers);
    return [...providers.values()].flatMap(({ id, access }) => {
      if (access === undefined) return [];
      return Object.entries(access.securitySchemes).flatMap(([name, scheme]) => {
        if (scheme.type === 'mutualTLS' || !this.#mayHave(id, access, name)) return [];
        const { variable, keys } = configuredKeys(this.values, owners, { id, ...access }, name);
        return variable === undefined ? [] : (wrongValue(scheme, variable, keys)?.line ?? []);
      });
    });
  }
}
