/**
 * A command during whose COMMIT the connection to the database breaks, or its disk fails. Whether it was carried out is
 * not known then; but each is carried out once at most, so that to ask for the same again tells.
 */

import { GatewayError } from '../gateway-error.js';
import { UncertainCommit } from '../store/store-fault.js';

/** Resolves when so much time has passed. */
export type Pause = (ms: number) => Promise<unknown>;

/** How long to wait before each time that it is asked for again: a database is back at once, or takes a while. */
const PAUSES_MS = [100, 1_000, 5_000];

/**
 * @param again the same command, where it may have been carried out before.
 * @throws what the command does; the first `UncertainCommit` where the database stays away.
 */
export async function askForCertain<Result>(
  command: () => Promise<Result>,
  again: () => Promise<Result>,
  pause: Pause,
): Promise<Result> {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof UncertainCommit)) throw error;
    return askAgain(error, again, pause);
  }
}

/** @throws what `again` does; `uncertain` where the database stays away. */
export async function askAgain<Result>(
  uncertain: UncertainCommit,
  again: () => Promise<Result>,
  pause: Pause,
): Promise<Result> {
  for (const pauseMs of PAUSES_MS) {
    await pause(pauseMs);
    try {
      return await again();
    } catch (failure) {
      if (!(failure instanceof GatewayError && failure.code === 'STORE_UNAVAILABLE')) throw failure;
    }
  }
  throw uncertain;
}
