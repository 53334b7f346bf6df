/**
 * Resolves the names of upstreams so that a name that hangs holds up nobody else. The system's own lookup (getaddrinfo)
 * blocks a thread of libuv's pool, of which no more than half may be in lookups: two names whose servers are silent
 * would keep every other provider from connecting, and take from the pool what the database works with.
 *
 * So public names are asked of the name servers directly (c-ares), which takes no thread. Names of providers that the
 * operator allows private addresses are the operator's own: they are looked up as the system does, by the hosts file
 * and search domains too. What the name servers do not know is looked up in that way as well, one name at a time; a
 * name for which they are silent is not. However many connections wait for a name, it is asked for once.
 */

import { lookup, promises, type LookupAddress } from 'node:dns';

/** Resolves a name to all of its addresses. @param own whether the name is the operator's own. */
export type ResolveName = (hostname: string, own: boolean) => Promise<readonly LookupAddress[]>;

export interface NameSources {
  /** Asks the name servers; takes no thread. */
  readonly servers: Pick<promises.Resolver, 'resolve4' | 'resolve6'>;
  /** Asks the system; takes a thread until it is answered. */
  readonly system: (hostname: string) => Promise<readonly LookupAddress[]>;
}

/** For each try; there are two. The connect timeout bounds them both. */
const QUERY_TIMEOUT_MS = 2_000;

function systemNameSources(): NameSources {
  return {
    servers: new promises.Resolver({ timeout: QUERY_TIMEOUT_MS, tries: 2 }),
    system: (hostname) =>
      new Promise((resolve, reject) => {
        lookup(hostname, { all: true }, (error, addresses) => (error === null ? resolve(addresses) : reject(error)));
      }),
  };
}

export function createResolveName({ servers, system }: NameSources = systemNameSources()): ResolveName {
  const asking = new Map<string, Promise<readonly LookupAddress[]>>();
  let lastUnknown: Promise<unknown> = Promise.resolve();

  async function fromServers(hostname: string): Promise<readonly LookupAddress[]> {
    const [v4, v6] = await Promise.allSettled([servers.resolve4(hostname), servers.resolve6(hostname)]);
    const addresses = [...addressesOf(v4, 4), ...addressesOf(v6, 6)];
    if (addresses.length > 0) return addresses;
    const timeout = [v4, v6].find((result) => result.status === 'rejected' && isTimeout(result.reason));
    if (timeout?.status === 'rejected') throw timeout.reason;
    const looking = lastUnknown.then(() => system(hostname));
    lastUnknown = looking.catch(() => undefined);
    return looking;
  }

  return (hostname, own) => {
    const key = `${own ? 'own' : 'public'} ${hostname}`;
    const known = asking.get(key);
    if (known !== undefined) return known;
    const answer = (own ? system(hostname) : fromServers(hostname)).finally(() => asking.delete(key));
    asking.set(key, answer);
    return answer;
  };
}

function addressesOf(result: PromiseSettledResult<readonly string[]>, family: 4 | 6): readonly LookupAddress[] {
  return result.status === 'fulfilled' ? result.value.map((address) => ({ address, family })) : [];
}

function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ETIMEOUT';
}
