/**
 * A POST's response as server-sent events (MCP, "Streamable HTTP"): each JSON-RPC message is an event, and the response
 * begins with the first of them. For a client that reads too slowly no notifications are kept: they are left out.
 */

import type { ServerResponse } from 'node:http';

/** Bytes that wait for the client. */
const MOST_WAITING = 262_144;

const HEADERS = {
  'Content-Type': 'text/event-stream',
  // Proxies that gather an answer before they pass it on would spoil it.
  'X-Accel-Buffering': 'no',
};

/**
 * @param json of a notification, on one line
 * @param headers that the response has besides those of a stream
 */
export function writeNotification(res: ServerResponse, json: string, headers: Readonly<Record<string, string>>): void {
  if (res.destroyed || res.writableLength > MOST_WAITING) return;
  if (!res.headersSent) res.writeHead(200, { ...headers, ...HEADERS });
  res.write(eventOf(json));
}

/** @param json of a message, on one line */
export function eventOf(json: string): string {
  return `event: message\ndata: ${json}\n\n`;
}
