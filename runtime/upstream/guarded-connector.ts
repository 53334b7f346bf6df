/**
 * Opens the connections of the sender. The invariant: a connection goes to an address that the guard has judged. The
 * host's name is resolved once a connection, every address of the answer is judged, and the socket is given those very
 * addresses, so that a DNS answer that changes in between (rebinding) changes nothing. TLS still verifies the name, also
 * where a client certificate is shown. A connector keeps its TLS sessions to itself: resuming one would be showing the
 * certificate that it began with.
 */

import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { buildConnector } from 'undici';
import type { ClientCertificate } from '../credential/client-certificate.js';
import { refusalOfAddress, refusalOfHost, refusalText } from './address-guard.js';
import type { ResolveName } from './resolve-name.js';

/** The guard's refusal, as the connection's error. */
export class AddressRefused extends Error {
  constructor(host: string, what: string) {
    super(refusalText(host, what));
    this.name = 'AddressRefused';
  }
}

export interface TlsIdentity {
  /** Shown to every server that asks for one. */
  readonly certificate?: ClientCertificate | undefined;
  /** PEM: the authorities that vouch for servers, in the place of those that Node trusts. */
  readonly authorities?: readonly string[];
}

/**
 * @param allowPrivate asked at each connection: true skips the judging.
 * @param timeoutMs until the connection stands, TLS included.
 */
export function guardedConnector(
  allowPrivate: () => boolean,
  resolve: ResolveName,
  timeoutMs: number,
  identity: TlsIdentity = {},
): buildConnector.connector {
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, allowPrivate()).then(
      (addresses) => {
        const refused = allowPrivate() ? undefined : firstRefusal(addresses);
        const [first] = addresses;
        if (refused !== undefined) callback(new AddressRefused(hostname, refused), '');
        else if (first === undefined) callback(new Error(`${hostname} has no address`), '');
        else if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };
  // A socket that looked names up by itself would go round the guard.
  const connect = buildConnector({ timeout: timeoutMs, lookup, autoSelectFamily: true, ...contextOf(identity) });

  return (options, callback) => {
    // An address in the place of a name is never looked up, so it is judged here.
    const refused = allowPrivate() ? undefined : refusalOfHost(options.hostname);
    if (refused === undefined) connect(options, keepingReason(callback));
    else callback(new AddressRefused(options.hostname, refused), null);
  };
}

function firstRefusal(addresses: readonly LookupAddress[]): string | undefined {
  for (const { address } of addresses) {
    const refused = refusalOfAddress(address);
    if (refused !== undefined) return `it resolves to ${address}, ${refused}`;
  }
  return undefined;
}

/**
 * In TLS 1.3 a server refuses a client's certificate after the handshake. Node tells of such an alert and leaves the socket
 * open, and undici would take the end of the connection that follows for what went wrong.
 */
function keepingReason(callback: buildConnector.Callback): buildConnector.Callback {
  return (...outcome) => {
    const [, socket] = outcome;
    socket?.on('error', (error: Error) => socket.destroy(error));
    callback(...outcome);
  };
}

/** One for all of the connector's connections; where there is nothing to put into it, Node has its own. */
function contextOf({ certificate, authorities = [] }: TlsIdentity): { readonly secureContext?: SecureContext } {
  if (certificate === undefined && authorities.length === 0) return {};
  const shown = certificate === undefined ? {} : { cert: certificate.chain, key: certificate.key.reveal() };
  const trusted = authorities.length === 0 ? {} : { ca: [...authorities] };
  return { secureContext: createSecureContext({ ...shown, ...trusted }) };
}
