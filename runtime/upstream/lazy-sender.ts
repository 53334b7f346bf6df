/**
 * A sender that is loaded with its first request: what it sends by (undici, the address guard) takes as long to load as
 * a tenth of a gateway's start, and browsing and describing need none of it.
 */

import type { Sender, SenderOptions } from './send.js';

/** Like `createSender`, but made at the first `send`, and at the next one if it could not be loaded. */
export function lazySender(options: SenderOptions, load = () => import('./send.js')): Sender {
  let made: Promise<Sender> | undefined;
  let sender: Sender | undefined;
  const make = async (): Promise<Sender> => {
    try {
      const { createSender } = await load();
      return (sender = createSender(options));
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
  return {
    send: (request, sendOptions) =>
      sender?.send(request, sendOptions) ?? (made ??= make()).then((first) => first.send(request, sendOptions)),
    close: async () => (await made?.catch(() => undefined))?.close(),
  };
}
