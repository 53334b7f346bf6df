import { GatewayError } from './gateway-error.js';

/** @param wait seconds, at least 1. */
export function rateLimited(message: string, wait: number): GatewayError {
  const remedy = `wait ${wait} ${wait === 1 ? 'second' : 'seconds'} and call again; nothing was sent or charged`;
  return new GatewayError('RATE_LIMITED', message, remedy, { details: { retry_after_seconds: wait } });
}
