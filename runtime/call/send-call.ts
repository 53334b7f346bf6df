/**
 * Sends a call with its credential, again where that is safe, and takes the credential out of what comes back. All
 * attempts share the provider's `timeoutMs`, so that a call ends when it is said to. `retry-delay.ts` decides what may
 * be sent again by itself; a request that may have changed something upstream is not.
 */

import { setTimeout as sleep } from 'node:timers/promises';

import type { LoadedEndpoint } from '../catalogue/catalogue.js';
import type { Clock } from '../clock.js';
import type { Credential } from '../credential/credential.js';
import { inject } from '../credential/inject.js';
import type { Secret } from '../credential/secret.js';
import type { Vault } from '../credential/vault.js';
import { GatewayError } from '../gateway-error.js';
import type { Sender, UpstreamAnswer } from '../upstream/send.js';
import { UpstreamFailure } from '../upstream/upstream-failure.js';
import type { UpstreamRequest } from '../upstream/upstream-request.js';
import { passOn } from './pass-on.js';
import { redactAnswer, redactFailure } from './redact-answer.js';
import { retryAfterMs, retryDelayMs } from './retry-delay.js';
import { SAFE_METHODS } from './safe-methods.js';

export interface SendDependencies {
  readonly vault: Vault;
  readonly sender: Sender;
  readonly clock: Clock;
  /** Told each time that a request is sent again, also with another credential. */
  readonly onRetry: (provider: string) => void;
}

export interface SendableCall {
  readonly endpoint: LoadedEndpoint;
  readonly unsigned: UpstreamRequest;
  readonly credential: Credential | 'none-needed';
  /** Called with each record of a streamed answer, as it arrives. */
  readonly onRecord?: ((record: string) => void) | undefined;
}

export interface SentCall {
  /** Without the credential, should the upstream have repeated it. */
  readonly answer: UpstreamAnswer;
  readonly warnings: readonly string[];
  /** How often the request was sent until this answer came. */
  readonly attempts: number;
}

/**
 * Sends the call. If the upstream refuses the credential and there is another one (a fresh token, or another of several
 * keys), sends it once more with that.
 * @throws UpstreamFailure where the last attempt has no whole answer
 */
export async function sendCall(deps: SendDependencies, call: SendableCall): Promise<SentCall> {
  const { provider, descriptor } = call.endpoint;
  const deadlineMs = deps.clock.nowMs() + provider.limits.timeoutMs;
  const send = async (credential: Credential | 'none-needed'): Promise<SentCall> => {
    const request = credential === 'none-needed' ? call.unsigned : await withCredential(call.unsigned, credential);
    const { answer, attempts } = await sendWithRetries(deps, request, call, deadlineMs, credential);
    const redacted = credential === 'none-needed' ? { answer, warnings: [] } : await redactAnswer(answer, credential);
    const warnings =
      attempts === 1
        ? redacted.warnings
        : [
            ...redacted.warnings,
            `the request was sent ${attempts} times, as answers were lost or asked for it; it is charged once`,
          ];
    return { answer: redacted.answer, warnings, attempts };
  };

  const first = await send(call.credential).catch((error: unknown) => {
    if (error instanceof UpstreamFailure && error.kind === 'certificate-refused') return error;
    throw error;
  });
  const isAnother =
    call.credential !== 'none-needed' && mayTakeAnother(first, call.credential, descriptor.method, deps.clock);
  if (!isAnother) return settled(first);
  let renewed: Credential | 'none-needed';
  try {
    renewed = await deps.vault.resolve(provider, descriptor);
  } catch (error) {
    // There is no other credential now: the upstream's own answer settles the call.
    if (error instanceof GatewayError) return settled(first);
    throw error;
  }
  deps.onRetry(provider.id);
  const second = await send(renewed);
  const { status, headers } = second.answer;
  // If this key is limited too, it rests as well. A token that is refused as soon as it was made is kept, or every call
  // would ask for two.
  if (renewed !== 'none-needed' && status === 429) {
    renewed.refused(status, retryAfterMs(headers['retry-after'], deps.clock.nowMs()));
  }
  return second;
}

/** @throws UpstreamFailure where that is what there is */
function settled(outcome: SentCall | UpstreamFailure): SentCall {
  if (outcome instanceof UpstreamFailure) throw outcome;
  return outcome;
}

async function withCredential(unsigned: UpstreamRequest, credential: Credential): Promise<UpstreamRequest> {
  const request = inject(unsigned, credential);
  return credential.sign === undefined ? request : credential.sign(request);
}

/**
 * Whether one more try with another credential makes sense and does nothing twice: a 401 and a 429 say that nothing was
 * done (RFC 9110 section 15.5.2, RFC 6585 section 4); a 403 may come from anywhere, and TLS may refuse a certificate in
 * the middle of a connection, so that the method has to be safe.
 * @param outcome an answer, or the refusal of a certificate.
 */
function mayTakeAnother(
  outcome: SentCall | UpstreamFailure,
  credential: Credential,
  method: string,
  clock: Clock,
): boolean {
  if (outcome instanceof UpstreamFailure) {
    // A server that asks for a certificate where the document names none has refused no credential.
    return credential.certificate !== undefined && credential.refused('tls') && SAFE_METHODS.has(method);
  }
  const { status, headers } = outcome.answer;
  if (status !== 401 && status !== 403 && status !== 429) return false;
  const isAnother = credential.refused(status, retryAfterMs(headers['retry-after'], clock.nowMs()));
  return isAnother && (status !== 403 || SAFE_METHODS.has(method));
}

async function sendWithRetries(
  { sender, clock, onRetry }: SendDependencies,
  request: UpstreamRequest,
  { endpoint: { provider }, onRecord }: SendableCall,
  deadlineMs: number,
  credential: Credential | 'none-needed',
): Promise<{ readonly answer: UpstreamAnswer; readonly attempts: number }> {
  const exchange = credential === 'none-needed' ? undefined : credential.exchange;
  const send = (sent: UpstreamRequest): Promise<UpstreamAnswer> => {
    // If the clock is set back, no attempt gets more time than all of them have together.
    const leftMs = Math.min(provider.limits.timeoutMs, deadlineMs - clock.nowMs());
    const limits = { ...provider.limits, timeoutMs: Math.max(1, leftMs) };
    // With the secrets as they are by now: a digest adds one for each request.
    const onAnswer = onRecord === undefined ? undefined : passOn(onRecord, secretsOf(credential));
    const certificate = credential === 'none-needed' ? undefined : credential.certificate;
    return sender.send(sent, { provider: provider.id, limits, certificate, onAnswer });
  };
  for (let attempts = 1; ; attempts += 1) {
    let outcome: UpstreamAnswer | UpstreamFailure;
    try {
      outcome = await (exchange === undefined ? send(request) : exchange(request, send));
      if (outcome.status < 400) return { answer: outcome, attempts };
      // Another key need not wait for this one.
      if (outcome.status === 429 && credential !== 'none-needed' && credential.hasOthers)
        return { answer: outcome, attempts };
    } catch (error) {
      if (!(error instanceof UpstreamFailure)) throw error;
      outcome = await redactFailure(error, secretsOf(credential));
    }
    const nowMs = clock.nowMs();
    const delayMs = retryDelayMs(outcome, {
      method: request.method,
      retries: attempts - 1,
      limits: provider.limits,
      nowMs,
      random: fraction(clock),
    });
    if (delayMs === undefined || nowMs + delayMs >= deadlineMs) {
      if (!(outcome instanceof UpstreamFailure)) return { answer: outcome, attempts };
      throw attempts === 1 ? outcome : outcome.after(attempts);
    }
    await sleep(delayMs);
    onRetry(provider.id);
  }
}

function secretsOf(credential: Credential | 'none-needed'): readonly Secret[] {
  return credential === 'none-needed' ? [] : credential.secrets;
}

/** At least 0 and below 1. */
function fraction(clock: Clock): number {
  const [high = 0, low = 0] = clock.randomBytes(2);
  return (high * 256 + low) / 65_536;
}
