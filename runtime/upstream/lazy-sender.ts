/**
 * A sender that is loaded with its first request: what it sends by (undici, the address guard) takes as long to load as
 * a tenth of a gateway's start, and browsing and describing need none of it.
 */

import type { Sender, SenderOptions } from './send.js';

/** As `createSender`, which makes it at the first `send`. */
export function lazySender(options: SenderOptions): Sender {
  let made: Promise<Sender> | undefined;
  const make = async (): Promise<Sender> => {
    const { createSender } = await import('./send.js');
    return createSender(options);
  };
  return {
    send: async (request, sendOptions) => (await (made ??= make())).send(request, sendOptions),
    close: async () => (await made)?.close(),
  };
}
