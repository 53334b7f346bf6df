/** Whom an offline verification trusts: the keys of a file, one address, or nobody but the signers that are named. */

import type { TrustedSigner } from '../receipt/verify-signature.js';
import { ADDRESS, SECONDS } from '../receipt/wire-form.js';
import { RefusedCommand } from '../refused-command.js';
import { readJson } from './files.js';
import { UsageError } from './usage-error.js';

export interface TrustFlags {
  /** The gateway's published keys, as a file. */
  readonly keys?: string;
  /** The one address that must have signed. */
  readonly signer?: string;
}

/**
 * Without a key to trust, each signature is still checked, against the signer that its paper names.
 * @param named the signers of all papers, as they were handed in.
 * @throws UsageError where the file holds no keys.
 */
export function trustedSigners({ keys, signer }: TrustFlags, named: readonly unknown[]): readonly TrustedSigner[] {
  if (keys !== undefined) {
    const published = (readKeys(keys) ?? {}) as { keys?: unknown };
    if (!Array.isArray(published.keys)) throw new UsageError(`${keys} has no list "keys": ${REMEDY}`);
    const wrong = published.keys.findIndex((key) => !isSigner(key));
    if (wrong === -1) return published.keys as readonly TrustedSigner[];
    throw new UsageError(`${keys}: keys[${wrong}] is no address with the seconds in which it signs: ${REMEDY}`);
  }
  const addresses = signer === undefined ? named.filter((each) => typeof each === 'string') : [signer];
  return addresses.map((address) => ({ address, validFrom: 0 }));
}

const REMEDY = 'save /.well-known/tollgate-receipt-keys.json as it is';

function isSigner(key: unknown): key is TrustedSigner {
  if (typeof key !== 'object' || key === null) return false;
  const { address, validFrom, validUntil } = key as Partial<Record<keyof TrustedSigner, unknown>>;
  return (
    ADDRESS[0](address) && SECONDS[0](validFrom) && ((validUntil ?? undefined) === undefined || SECONDS[0](validUntil))
  );
}

/** Without keys nothing is known of the paper, so that it is not called invalid. */
function readKeys(file: string): unknown {
  try {
    return readJson(file);
  } catch (error) {
    if (error instanceof RefusedCommand) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
