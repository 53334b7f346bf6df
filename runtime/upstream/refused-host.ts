/**
 * What of the address guard's refusals shows before anything is looked up or held: a host that is an address, or the name
 * of this machine. Any other name is judged when a connection is opened, by what it resolves to.
 */

import { refusalText } from './refusal-text.js';

/** Why no request may go to the url's host, in the words of the connection's own refusal; undefined where none shows. */
export type RefusedHost = (provider: string, url: URL) => Promise<string | undefined>;

/** @param allowPrivate whether the operator lets this provider's requests go to private addresses. */
export function refusedHost(allowPrivate: (provider: string) => boolean): RefusedHost {
  // Its tables are loaded at the first call, as the sender is.
  const load = () => import('./address-guard.js');
  let guard: ReturnType<typeof load> | undefined;
  return async (provider, { hostname }) => {
    if (allowPrivate(provider)) return undefined;
    const { refusalOfHost } = await (guard ??= load());
    const refused = refusalOfHost(hostname);
    return refused === undefined ? undefined : refusalText(hostname, refused);
  };
}
