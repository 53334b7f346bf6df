import { GatewayError } from './gateway-error.js';
import { inSeconds } from './in-seconds.js';

/** @param wait seconds, at least 1. */
export function rateLimited(message: string, wait: number): GatewayError {
  const remedy = `wait ${inSeconds(wait)} and call again; nothing was sent or charged`;
  return new GatewayError('RATE_LIMITED', message, remedy, { details: { retry_after_seconds: wait } });
}
