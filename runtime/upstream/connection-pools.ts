/**
 * The pools of connections that requests go over. The invariant: what differs in any of this shares no connection, and no
 * TLS session either: the provider, so that what one may reach, and how slow it is, is no other's concern; the client
 * certificate, so that a request is known to its upstream by the certificate of its own credential or by none; how long
 * connecting may take, which a connection that stands says nothing of.
 */

import { LRUCache } from 'lru-cache';
import { Agent } from 'undici';

import type { Limits } from '../../generated/contract.js';
import type { ClientCertificate } from '../credential/client-certificate.js';
import { DEFAULT_LIMITS } from './default-limits.js';
import { guardedConnector } from './guarded-connector.js';
import type { ResolveName } from './resolve-name.js';

const KEEP_ALIVE_MS = 10_000;
/**
 * How many pools with a certificate are kept: certificates are replaced while the gateway runs, and nothing says which
 * of them will be needed again.
 */
const MOST_OF_CERTIFICATES = 256;

export interface ConnectionPoolsOptions {
  readonly allowPrivate: (provider: string) => boolean;
  readonly resolveName: ResolveName;
  /** PEM: the authorities that vouch for upstreams, in the place of those that Node trusts. */
  readonly authorities: readonly string[];
}

export class ConnectionPools {
  readonly #bare = new Map<string, Agent>();
  readonly #certified = new LRUCache<string, Agent>({
    max: MOST_OF_CERTIFICATES,
    dispose: (agent, _, reason) => {
      // Requests under way go on to their end.
      if (reason === 'evict') void agent.close();
    },
  });

  constructor(private readonly options: ConnectionPoolsOptions) {}

  of(
    provider: string,
    { connectTimeoutMs = DEFAULT_LIMITS.connectTimeoutMs }: Limits,
    certificate: ClientCertificate | undefined,
  ): Agent {
    const key = `${provider} ${connectTimeoutMs}`;
    const make = (): Agent => {
      const { allowPrivate, resolveName, authorities } = this.options;
      return new Agent({
        connect: guardedConnector(() => allowPrivate(provider), resolveName, connectTimeoutMs, {
          certificate,
          authorities,
        }),
        keepAliveTimeout: KEEP_ALIVE_MS,
        pipelining: 1,
      });
    };
    return certificate === undefined
      ? keptOr(this.#bare, key, make)
      : keptOr(this.#certified, `${key} ${certificate.fingerprint}`, make);
  }

  /** Lets the requests under way finish, then closes every connection. */
  async close(): Promise<void> {
    const open = [...this.#bare.values(), ...this.#certified.values()];
    this.#bare.clear();
    this.#certified.clear();
    await Promise.all(open.map((agent) => agent.close()));
  }
}

function keptOr(kept: Map<string, Agent> | LRUCache<string, Agent>, key: string, make: () => Agent): Agent {
  let agent = kept.get(key);
  if (agent === undefined) kept.set(key, (agent = make()));
  return agent;
}
