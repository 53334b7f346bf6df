import { GatewayError } from './gateway-error.js';
import { inSeconds } from './in-seconds.js';

/** @param waitSeconds at least 1. */
export function rateLimited(message: string, waitSeconds: number): GatewayError {
  const remedy = `wait ${inSeconds(waitSeconds)} and call again; nothing was sent or charged`;
  return new GatewayError('RATE_LIMITED', message, remedy, { details: { retry_after_seconds: waitSeconds } });
}
