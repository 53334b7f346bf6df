import type { MicroUsdc } from '../ledger/micro-usdc.js';

/** A bug of ours, its cause, after a call was held: which call, and what it cost. */
export class BugInCall extends Error {
  /** @param chargedMicroUsdc undefined where nobody knows. */
  constructor(
    readonly callId: string,
    readonly chargedMicroUsdc: MicroUsdc | undefined,
    cause: unknown,
  ) {
    super(`request ${callId} met a bug`, { cause });
    this.name = 'BugInCall';
  }
}
