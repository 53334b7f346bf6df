/**
 * What is wrong with the client certificates that the operator gave, for the log and `/readyz`: that one cannot be used,
 * and that its time is over or soon will be. That is told and no more: the call goes out, for it is the server that looks
 * at the time, and by its own clock.
 */

import { readClientCertificate, type ClientCertificate } from './client-certificate.js';
import { configuredKeys } from './configured-keys.js';
import type { SecuredProviders } from './credential-plan.js';
import type { CredentialValues } from './credential-values.js';
import { ownersOf } from './is-own-variable.js';

/** Whoever replaces a certificate by a program does so before the last part of its time. */
const LAST_PART = 10;

/** A line for each, with the name of the variable and nothing of its value. */
export function certificateWarnings(
  values: CredentialValues,
  providers: SecuredProviders,
  nowMs: number,
): readonly string[] {
  const shown = [...providers.values()].flatMap(({ id, access }) =>
    Object.entries(access?.securitySchemes ?? {}).flatMap(([scheme, { type }]) =>
      access !== undefined && type === 'mutualTLS' ? [{ provider: { id, ...access }, scheme }] : [],
    ),
  );
  // Mostly there are none, and this is asked again and again.
  if (shown.length === 0) return [];
  const owners = ownersOf(providers);
  const lines = shown.flatMap(({ provider, scheme }) => {
    const { variable, keys } = configuredKeys(values, owners, provider, scheme);
    return keys.flatMap((key) => {
      const read = readClientCertificate(key);
      if (typeof read === 'string') return `${variable} holds no client certificate that can be used: ${read}`;
      const what = timeOf(read, nowMs);
      return what === undefined ? [] : `the client certificate in ${variable} ${what}`;
    });
  });
  return [...new Set(lines)];
}

function timeOf({ validFromMs, validUntilMs }: ClientCertificate, nowMs: number): string | undefined {
  const until = new Date(validUntilMs).toISOString();
  if (nowMs >= validUntilMs) return `was good until ${until}: put the next one in its place`;
  if (nowMs < validFromMs) return `is good from ${new Date(validFromMs).toISOString()} on, and not before`;
  if (validUntilMs - nowMs < (validUntilMs - validFromMs) / LAST_PART) return `is good until ${until}: renew it`;
  return undefined;
}
