/** What the catalogue says of a provider as a whole: its document's words, with the settings' in their place. */

import type { ChargingRule, ProviderDescriptor } from '../contract.js';
import { cleanLine, MAX_LENGTH } from '../normalize/clean-text.js';
import type { NormalizedDocument } from '../normalize/normalized-document.js';
import type { Findings } from '../report/findings.js';
import { nearestName } from './nearest-name.js';
import type { LocatedSettings } from './read-settings.js';
import type { ChargeSettings } from './settings.js';

const DEFAULT_LIMITS = { timeoutMs: 30_000, maxResponseBytes: 10_000_000, concurrency: 32 };

/**
 * The seller is the provider itself where the settings name none. A credential for a scheme that the document does not
 * have is a warning: nothing would ever use it.
 */
export function providerDescriptor(
  id: string,
  document: NormalizedDocument,
  located: LocatedSettings,
  findings: Findings,
): ProviderDescriptor {
  const { settings } = located;
  const title = cleanLine(settings.title ?? document.title, MAX_LENGTH.title) || id;
  const schemes = Object.keys(document.securitySchemes);
  for (const scheme of Object.keys(settings.credentials ?? {})) {
    if (schemes.includes(scheme)) continue;
    const meant = nearestName(scheme, schemes);
    findings.warnings.push({
      ...located.locate(['credentials', scheme]),
      provider: id,
      rule: 'credential-unknown',
      message: `the document has no security scheme ${JSON.stringify(scheme)}`,
      remedy:
        meant !== undefined
          ? `did you mean ${JSON.stringify(meant)}?`
          : schemes.length > 0
            ? `name one of: ${schemes.join(', ')}`
            : 'delete it',
    });
  }
  const documentation = settings.documentation ?? document.documentation;
  return {
    id,
    title,
    summary: cleanLine(settings.summary ?? document.summary, MAX_LENGTH.summary),
    version: document.version,
    categories: settings.categories ?? [],
    seller: { id: settings.seller?.id ?? id, name: cleanLine(settings.seller?.name ?? title, MAX_LENGTH.title) },
    securitySchemes: document.securitySchemes,
    credentials: settings.credentials ?? {},
    limits: { ...DEFAULT_LIMITS, ...settings.limits },
    ...(documentation !== undefined && { documentation }),
  };
}

/** The charging rule in the contract's form; `2xx` where the settings do not say. */
export function chargingRule(charge: ChargeSettings | undefined): ChargingRule {
  return {
    on: (charge?.on ?? ['2xx']).map((status) => String(status).toLowerCase()),
    ...(charge?.void_if !== undefined && { voidIf: charge.void_if }),
  };
}
