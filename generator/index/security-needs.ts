/** The different credentials that a provider's endpoints need, which the rows of its endpoints refer to by their place. */

import type { EndpointDescriptor, SecurityAlternative } from '../contract.js';

type Security = readonly SecurityAlternative[];

export interface SecurityNeeds {
  /** In the order in which the endpoints first have them; without scopes, as a credential is there whatever its scopes. */
  readonly needs: readonly Security[];
  /** The place of an endpoint's; undefined where it needs no credential. */
  readonly placeOf: (endpoint: EndpointDescriptor) => number | undefined;
}

export function securityNeeds(endpoints: readonly EndpointDescriptor[]): SecurityNeeds {
  const needs: Security[] = [];
  const places = new Map<string, number>();
  for (const { security } of endpoints) {
    const bare = withoutScopes(security);
    const text = JSON.stringify(bare);
    if (security.length === 0 || places.has(text)) continue;
    places.set(text, needs.length);
    needs.push(bare);
  }
  return { needs, placeOf: ({ security }) => places.get(JSON.stringify(withoutScopes(security))) };
}

function withoutScopes(security: Security): Security {
  return security.map((alternative) => Object.fromEntries(Object.keys(alternative).map((scheme) => [scheme, []])));
}
