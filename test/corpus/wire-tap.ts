/**
 * A proxy between the gateway and a mock. It passes on every byte as it is, behind the prefix that the mock knows the
 * operation by, and keeps both sides: so what is judged is what was on the wire, and a refusal is shown with the bytes
 * that were refused. The gateway gets an answer of the tap's own, so that no fault or delay of the mock's reaches it.
 */

import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly answer: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };
  /** Why the mock gave no answer; the answer is the tap's own then. */
  readonly fault?: string;
}

/** Longer than the gateway keeps one. */
const KEEP_ALIVE_MS = 10 * 60_000;

export interface WireTap {
  readonly url: string;
  /** Where requests go from now on, with what stands before their path there; without one there is no judgement. */
  forwardTo(url: string | undefined): void;
  /** The exchanges since the last time, once the mock has answered all of them. */
  take(): Promise<readonly Exchange[]>;
  close(): Promise<void>;
}

export async function startWireTap(answerTimeoutMs: number): Promise<WireTap> {
  let target: string | undefined;
  const exchanges: Promise<Exchange | undefined>[] = [];
  const server = createServer((incoming, outgoing) => {
    const to = target;
    const exchange = received(incoming).then((sent) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      return pass(sent, to, answerTimeoutMs);
    });
    // Only a gateway that hangs up in the middle of its request comes here: there is nothing to judge or to answer.
    const hungUp = (): undefined => void outgoing.destroy();
    exchanges.push(exchange.catch(hungUp));
  });
  // A connection that is closed just when the gateway takes it up again would be an upstream's fault that is none.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardTo: (url) => {
      target = url;
    },
    take: async () => {
      const taken = await Promise.all(exchanges.splice(0));
      return taken.filter((exchange) => exchange !== undefined);
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

type Sent = Omit<Exchange, 'answer' | 'fault'> & { readonly rawHeaders: readonly string[] };

async function received(incoming: IncomingMessage): Promise<Sent> {
  const { method = 'GET', url: target = '/', headers, rawHeaders } = incoming;
  return { method, target, headers, rawHeaders, body: await readAll(incoming) };
}

async function pass({ rawHeaders, ...sent }: Sent, to: string | undefined, timeoutMs: number): Promise<Exchange> {
  if (to === undefined) return unanswered(sent, 'there is no mock');
  const { method, target } = sent;
  try {
    const { hostname, port, pathname } = new URL(to);
    const path = `${pathname.replace(/\/$/, '')}${target}`;
    const signal = AbortSignal.timeout(timeoutMs);
    const outgoing = request({ hostname, port, path, method, headers: rawHeaders, agent: false, signal });
    outgoing.end(sent.body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const { statusCode = 502 } = answer;
    return { ...sent, answer: { status: statusCode, headers: answer.headers, body: await readAll(answer) } };
  } catch (error) {
    // Whatever a mock that crashed or hangs does to its connection is a fault of the mock's.
    return unanswered(sent, (error as Error).message);
  }
}

function unanswered(sent: Omit<Exchange, 'answer'>, fault: string): Exchange {
  return { ...sent, answer: { status: 502, headers: {}, body: Buffer.from(fault) }, fault };
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
