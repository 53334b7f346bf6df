/**
 * Opens a call, or leaves none behind. If the database fails during the commit, nobody knows whether the call was opened.
 * Its caller is told that it was not, and nothing is sent for it: so it is released, if it is there, which frees its
 * idempotency key.
 */

import { UncertainCommit } from '../store/store-fault.js';
import { askAgain, type Pause } from './ask-for-certain.js';
import type { OpenCallResult } from './ledger.js';

/**
 * @param release of that call; it throws where there is none.
 * @throws GatewayError as `open` does.
 */
export async function openForCertain(
  open: () => Promise<OpenCallResult>,
  release: () => Promise<unknown>,
  pause: Pause,
): Promise<OpenCallResult> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof UncertainCommit)) throw error;
    // Where the database stays away, the call is the sweeper's.
    await askAgain(error, release, pause).catch(() => undefined);
    throw error;
  }
}
