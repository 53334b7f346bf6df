/**
 * The authenticator, the ledger and the sender, each the same and observed: who uses them sees no difference, and who
 * they are knows nothing of being observed.
 */

import type { Authenticator } from '../account/authenticate.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Sender } from '../upstream/send.js';
import type { UpstreamRequest } from '../upstream/upstream-request.js';
import type { Backlog } from './backlog.js';
import type { RunStage } from './stages.js';

export function observedAuthenticator(authenticator: Authenticator, run: RunStage): Authenticator {
  return { ...authenticator, authenticate: (apiKey) => run('authenticate', () => authenticator.authenticate(apiKey)) };
}

export function observedLedger(ledger: Ledger, run: RunStage, backlog: Backlog): Ledger {
  return {
    ...ledger,
    openCall: (open) => run('hold', () => backlog.follow(ledger.openCall(open))),
    capture: (capture) => run('settle', () => backlog.follow(ledger.capture(capture))),
    release: (release) => run('settle', () => backlog.follow(ledger.release(release))),
  };
}

/** @param mark the request as it is to be sent within its stage. */
export function observedSender(
  sender: Sender,
  run: RunStage,
  mark: (request: UpstreamRequest) => UpstreamRequest,
): Sender {
  return { ...sender, send: (request, options) => run('upstream', () => sender.send(mark(request), options)) };
}
