import type { Breakers } from './breakers.js';
import type { Sender } from './send.js';

/** The sender, with each of its requests run by its provider's breaker. */
export function withBreakers(sender: Sender, breakers: Breakers): Sender {
  return {
    ...sender,
    send: (request, options) => breakers.run(options.provider, options.limits, () => sender.send(request, options)),
  };
}
