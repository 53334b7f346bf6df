/**
 * The pools of connections that requests go over. The invariant: what differs in any of this shares no connection, and no
 * TLS session either: the provider, so that what one may reach, and how slow it is, is no other's concern; the client
 * certificate, so that a request is known to its upstream by the certificate of its own credential or by none; how long
 * connecting may take, which a connection that stands says nothing of.
 */

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
  /** The one that was used last stands last. */
  readonly #certified = new Map<string, Agent>();

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
    if (certificate !== undefined) return this.#certifiedOf(`${key} ${certificate.fingerprint}`, make);
    let agent = this.#bare.get(key);
    if (agent === undefined) this.#bare.set(key, (agent = make()));
    return agent;
  }

  /** Lets the requests under way finish, then closes every connection. */
  async close(): Promise<void> {
    const open = [...this.#bare.values(), ...this.#certified.values()];
    this.#bare.clear();
    this.#certified.clear();
    await Promise.all(open.map((agent) => agent.close()));
  }

  #certifiedOf(key: string, make: () => Agent): Agent {
    const agent = this.#certified.get(key) ?? make();
    this.#certified.delete(key);
    this.#certified.set(key, agent);
    const [oldest] = this.#certified;
    if (oldest !== undefined && this.#certified.size > MOST_OF_CERTIFICATES) {
      this.#certified.delete(oldest[0]);
      // Requests under way go on to their end.
      void oldest[1].close();
    }
    return agent;
  }
}
