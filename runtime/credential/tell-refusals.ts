import type { Logger } from 'pino';

import type { Clock } from '../clock.js';
import type { RefusalStatus } from './credential.js';
import type { CredentialRefusal } from './vault.js';

/** A provider whose credential is refused is refused at each call; the log is told now and then. */
const TOLD_EVERY_MS = 60_000;

/** Counts each refusal of a credential, and logs one a minute for each provider and status. */
export function tellRefusals(
  logger: Logger,
  clock: Clock,
  count: (provider: string, status: RefusalStatus) => void,
): (refusal: CredentialRefusal) => void {
  const toldMs = new Map<string, number>();
  return (refusal) => {
    const { provider, status } = refusal;
    count(provider, status);
    const key = `${provider} ${status}`;
    const nowMs = clock.nowMs();
    if (nowMs - (toldMs.get(key) ?? -Infinity) < TOLD_EVERY_MS) return;
    toldMs.set(key, nowMs);
    logger.warn(refusal, 'an upstream refused its credential');
  };
}
