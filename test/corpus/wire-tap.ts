/**
 * A proxy between the gateway and a mock. It passes on every byte as it is and keeps both sides: so what is judged is
 * what was on the wire, and a refusal is shown with the bytes that were refused.
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

const FRAMING = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);

export interface WireTap {
  readonly url: string;
  /** Where requests go from now on; without one they are answered with 502. */
  forwardTo(url: string | undefined): void;
  /** The exchanges since the last time. */
  take(): readonly Exchange[];
  close(): Promise<void>;
}

export async function startWireTap(answerTimeoutMs: number): Promise<WireTap> {
  let target: string | undefined;
  let exchanges: Exchange[] = [];
  const server = createServer((incoming, outgoing) => {
    const answering = pass(incoming, target, answerTimeoutMs).then((exchange) => {
      exchanges.push(exchange);
      const { status, headers, body } = exchange.answer;
      // The body is whole here, so the framing is the tap's own.
      const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !FRAMING.has(name)));
      outgoing.writeHead(status, kept).end(body);
    });
    // Only a gateway that hangs up in the middle of its request comes here: there is nothing to judge or to answer.
    answering.catch(() => outgoing.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardTo: (url) => {
      target = url;
    },
    take: () => {
      const taken = exchanges;
      exchanges = [];
      return taken;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function pass(incoming: IncomingMessage, to: string | undefined, timeoutMs: number): Promise<Exchange> {
  const { method = 'GET', url: target = '/', headers, rawHeaders } = incoming;
  const sent = { method, target, headers, body: await readAll(incoming) };
  if (to === undefined) return unanswered(sent, 'there is no mock');
  try {
    const outgoing = request(new URL(target, to), {
      method,
      headers: rawHeaders,
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
    });
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
