import type { CallState } from './ledger.js';

/** Whether a call still runs: its hold stands, and nothing has resolved it. */
export function isOpen({ state }: { readonly state: CallState }): boolean {
  return state === 'held' || state === 'dispatched';
}
