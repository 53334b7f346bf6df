/** Compares what is written of one provider in two generations. An endpoint under another id is one gone and one new. */

import type { ProviderDescriptor, ProviderFile } from '../contract.js';
import type { Change, ChangeClass, ChangeKind } from './change.js';
import { compareEndpoints } from './compare-endpoints.js';
import { SchemaComparison } from './schema-comparison.js';

/** Rows in the order of the committed endpoints, then of the new ones. `undefined` where the provider is not there. */
export function compareProviders(before: ProviderFile | undefined, after: ProviderFile | undefined): readonly Change[] {
  const changes: Change[] = [];
  if (before !== undefined && after !== undefined) changes.push(...compareListings(before.provider, after.provider));
  const schemas = new SchemaComparison(before?.definitions ?? {}, after?.definitions ?? {});
  const known = new Map(after?.endpoints.map((endpoint) => [endpoint.id, endpoint]));
  for (const endpoint of before?.endpoints ?? []) {
    const now = known.get(endpoint.id);
    known.delete(endpoint.id);
    if (now === undefined || before === undefined || after === undefined) {
      const message = `${endpoint.method} ${endpoint.path} cannot be called any more`;
      changes.push({ endpoint: endpoint.id, place: '', kind: 'endpoint-removed', class: 'breaking', message });
    } else {
      const was = { endpoint, provider: before.provider };
      const is = { endpoint: now, provider: after.provider };
      changes.push(...compareEndpoints(was, is, schemas));
    }
  }
  for (const endpoint of known.values()) {
    const message = `${endpoint.method} ${endpoint.path} can be called`;
    changes.push({ endpoint: endpoint.id, place: '', kind: 'endpoint-added', class: 'safe', message });
  }
  return changes;
}

/** What concerns all endpoints of the provider alike. */
function compareListings(b: ProviderDescriptor, a: ProviderDescriptor): readonly Change[] {
  const changes: Change[] = [];
  const add = (kind: ChangeKind, changeClass: ChangeClass, message: string): void => {
    changes.push({ endpoint: a.id, place: '', kind, class: changeClass, message });
  };
  const differs = (key: keyof ProviderDescriptor): boolean => JSON.stringify(b[key]) !== JSON.stringify(a[key]);
  if (differs('credentials')) {
    const variables = ({ credentials }: ProviderDescriptor): string =>
      Object.entries(credentials)
        .map(([scheme, { env }]) => `${env} for ${scheme}`)
        .join(', ') || 'none';
    add('credentials-changed', 'breaking', `variables of credentials: ${variables(b)} before, ${variables(a)} now`);
  }
  if (differs('seller')) add('seller-changed', 'priced', `${b.seller.name} is paid before, ${a.seller.name} now`);
  for (const [limit, unit] of [
    ['timeoutMs', 'ms to answer'],
    ['maxResponseBytes', 'bytes of an answer'],
    ['concurrency', 'calls at once'],
  ] as const) {
    const [was, is] = [b.limits[limit], a.limits[limit]];
    // Fewer calls at once wait for one another; what takes longer or is larger than it may is lost.
    const isLoss = is < was && limit !== 'concurrency';
    if (was !== is)
      add('limits-changed', isLoss ? 'breaking' : 'safe', `${String(was)} ${unit} before, ${String(is)} now`);
  }
  if ((['title', 'summary', 'version', 'categories', 'documentation'] as const).some(differs)) {
    add('text-changed', 'safe', 'title, summary, version, categories or link of the provider are others');
  }
  return changes;
}
