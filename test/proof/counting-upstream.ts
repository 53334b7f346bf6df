/**
 * An upstream that outlives the gateways: it knows, of every order, how often it was sent, which no ledger can be asked.
 * An order is known by its tag, which stands in its body as the customer's name.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

import { newId, systemClock } from '../../runtime/clock.js';

export interface CountingUpstream {
  readonly url: string;
  /** How often the order has arrived. */
  seen(tag: string): number;
  close(): Promise<void>;
}

export interface UpstreamBehaviour {
  /** How long an order takes, in milliseconds. */
  readonly delayMs?: (tag: string) => number;
  /** Whether the order fails, and so is not charged. */
  readonly fails?: (tag: string) => boolean;
  /** What an order that has arrived waits for. */
  readonly until?: (tag: string) => Promise<void>;
  /** Whether the answer is more than the buffers of a connection hold that nobody reads from. */
  readonly bulky?: (tag: string) => boolean;
}

/** Just below what the sandbox's provider may answer. */
const BULK = 1_900_000;

export async function startCountingUpstream({
  delayMs = () => 0,
  fails = () => false,
  until = () => Promise.resolve(),
  bulky = () => false,
}: UpstreamBehaviour = {}): Promise<CountingUpstream> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const tag = (JSON.parse(body) as { readonly customer: { readonly name: string } }).customer.name;
      counts.set(tag, (counts.get(tag) ?? 0) + 1);
      await sleep(delayMs(tag));
      await until(tag);
      response.statusCode = fails(tag) ? 500 : 201;
      if (bulky(tag)) {
        // JSON takes six bytes for one of these.
        response.setHeader('Content-Type', 'text/plain');
        response.end('\u0001'.repeat(BULK));
        return;
      }
      response.setHeader('Content-Type', 'application/json');
      // No two answers are alike, so that one which is made anew cannot pass for the original.
      response.end(JSON.stringify({ tag, made: newId(systemClock, 'order') }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: (tag) => counts.get(tag) ?? 0,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
