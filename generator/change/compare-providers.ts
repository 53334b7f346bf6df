/** Compares what is written of one provider in two generations. An endpoint under another id is one gone and one new. */

import type { Limits, ProviderDescriptor, ProviderFile } from '../contract.js';
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

/**
 * Each limit with its unit, and what becomes of a call that is over it: what takes longer or is larger than it may is
 * `lost`; a call that `waits`, or is told to come back, gets its answer later.
 */
const LIMITS: readonly (readonly [limit: keyof Limits, unit: string, less: 'lost' | 'waits'])[] = [
  ['timeoutMs', 'ms to answer', 'lost'],
  ['maxResponseBytes', 'bytes of an answer', 'lost'],
  ['concurrency', 'calls at once', 'waits'],
  ['connectTimeoutMs', 'ms to connect', 'lost'],
  ['firstByteTimeoutMs', 'ms to begin an answer', 'lost'],
  ['idleTimeoutMs', 'ms that an answer may stand still', 'lost'],
  ['queue', 'calls that may wait', 'waits'],
  ['queueTimeoutMs', 'ms that a call may wait', 'waits'],
  ['ratePerSecond', 'calls a second', 'waits'],
  ['breakerFailures', 'failures in a row until calls pause', 'waits'],
  ['breakerOpenMs', 'ms that calls pause', 'waits'],
  ['retries', 'times that a request is sent again', 'waits'],
  ['bytesPerSecond', 'bytes a second of all answers', 'waits'],
];

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
  for (const [limit, unit, less] of LIMITS) {
    const [was, is] = [b.limits[limit], a.limits[limit]];
    if (was === is) continue;
    const isLoss = less === 'lost' && is !== undefined && (was === undefined || is < was);
    const message = `${was === undefined ? 'default' : String(was)} ${unit} before, ${is === undefined ? 'default' : String(is)} now`;
    add('limits-changed', isLoss ? 'breaking' : 'safe', message);
  }
  if ((['title', 'summary', 'version', 'categories', 'documentation'] as const).some(differs)) {
    add('text-changed', 'safe', 'title, summary, version, categories or link of the provider are others');
  }
  return changes;
}
