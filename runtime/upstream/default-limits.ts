/** What holds for a provider whose settings leave a limit out. */

import type { Limits } from '../../generated/contract.js';

export const DEFAULT_LIMITS = {
  connectTimeoutMs: 5_000,
  idleTimeoutMs: 15_000,
  queue: 1_024,
  queueTimeoutMs: 10_000,
  breakerFailures: 20,
  breakerOpenMs: 10_000,
  retries: 2,
  /** More than providers far away can send, and a small part of what reading takes of the processor at most. */
  bytesPerSecond: 50_000_000,
} as const satisfies Partial<Limits>;
