/** What can be asked of the ledger, with the time at which it is executed, and what is decided of it. */

import type { AccountId, CallId, CaptureCall, OpenCall, OpenCallResult, ReleaseCall } from './ledger.js';
import type { Changes, NewReceipt } from './ledger-state.js';
import type { MicroUsdc } from './micro-usdc.js';

interface At {
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

export interface OpenCommand extends At {
  readonly kind: 'open';
  readonly open: OpenCall;
  /** The platform's part of the charge, in hundredths of a percent. */
  readonly feeBps: number;
}

export interface DispatchCommand extends At {
  readonly kind: 'dispatch';
  readonly callId: CallId;
  readonly deadlineMs: number;
}

export interface CaptureCommand extends At {
  readonly kind: 'capture';
  readonly capture: CaptureCall;
  /** When the key that signs begins and ends, in epoch milliseconds. */
  readonly keyBeginsAtMs?: number | undefined;
  readonly keyEndsAtMs?: number | undefined;
  /** How long the answer is kept from then on. */
  readonly answerTtlMs: number;
}

export interface ReleaseCommand extends At {
  readonly kind: 'release';
  readonly release: ReleaseCall;
  /** How long the answer is kept from then on. */
  readonly answerTtlMs: number;
}

/** Ends a call that is past its deadline, or is stranded. */
export interface ExpireCommand extends At {
  readonly kind: 'expire';
  readonly callId: CallId;
  /** Its deadline is wrong, and it cannot be under way any more. */
  readonly isStranded: boolean;
}

/** Notes until when a call's answer counts as undelivered; without a time, that it is delivered. */
export interface DeliveryCommand extends At {
  readonly kind: 'delivery';
  readonly callId: CallId;
  readonly undeliveredUntilMs?: number;
}

/** Gives the undelivered answer to an earlier call like one that was refused. */
export interface CollectCommand extends At {
  readonly kind: 'collect';
  readonly accountId: AccountId;
  readonly requestDigest: string;
}

export interface DepositCommand extends At {
  readonly kind: 'deposit';
  readonly transferId: string;
  readonly accountId: AccountId;
  readonly amountMicroUsdc: MicroUsdc;
  readonly reference: string;
}

export type LedgerCommand =
  | OpenCommand
  | DispatchCommand
  | CaptureCommand
  | ReleaseCommand
  | ExpireCommand
  | DeliveryCommand
  | CollectCommand
  | DepositCommand;

/**
 * An outcome that only names a call: that call, or an earlier command on it, got there first. Its record is read when
 * the batch is written.
 */
interface Named<Outcome extends string> {
  readonly outcome: Outcome;
  readonly callId: CallId;
}

export interface Outcomes {
  readonly open:
    Exclude<OpenCallResult, { readonly call: unknown }> | Named<'claimed' | 'undelivered' | 'undelivered-running'>;
  readonly dispatch: { readonly outcome: 'dispatched' | 'not-held' };
  readonly capture:
    | { readonly outcome: 'captured'; readonly receipt: NewReceipt; readonly availableMicroUsdc: MicroUsdc }
    | Named<'resolved-before'>;
  readonly release: { readonly outcome: 'released'; readonly availableMicroUsdc: MicroUsdc } | Named<'resolved-before'>;
  readonly expire: { readonly outcome: 'released' | 'unknown' | 'not-due' };
  readonly delivery: { readonly outcome: 'noted' | 'nothing-owed' };
  readonly collect: { readonly outcome: 'nothing-owed' } | Named<'undelivered' | 'undelivered-running'>;
  readonly deposit: { readonly outcome: 'credited' | 'credited-before' };
}

export type Outcome = Outcomes[LedgerCommand['kind']];

/** What a command comes to. Without `changes`, nothing happened. */
export interface Decision<Result extends Outcome = Outcome> {
  readonly outcome: Result;
  readonly changes?: Changes;
}
