/**
 * The state machine of the ledger: what a command does, given the part of the books that it touches. Pure: no SQL, no
 * clock, no randomness, so that the same commands on the same state always end the same.
 */

import { captureCall } from './capture-call.js';
import { collectAnswer } from './collect-answer.js';
import type { Decision, LedgerCommand } from './command.js';
import { creditDeposit } from './credit-deposit.js';
import { noteDelivery } from './note-delivery.js';
import { dispatchCall } from './dispatch-call.js';
import { expireCall } from './expire-call.js';
import type { LedgerState } from './ledger-state.js';
import { openCall } from './open-call.js';
import { releaseCall } from './release-call.js';

/** @throws RangeError where the command is a mistake of whoever gave it. */
export function decide(state: LedgerState, command: LedgerCommand): Decision {
  switch (command.kind) {
    case 'open':
      return openCall(state, command);
    case 'dispatch':
      return dispatchCall(state, command);
    case 'capture':
      return captureCall(state, command);
    case 'release':
      return releaseCall(state, command);
    case 'expire':
      return expireCall(state, command);
    case 'delivery':
      return noteDelivery(state, command);
    case 'collect':
      return collectAnswer(state, command);
    case 'deposit':
      return creditDeposit(state, command);
  }
}
