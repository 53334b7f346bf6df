/**
 * Fetches one file by its URL, bounded in bytes, time and redirects. No credential is sent.
 *
 * It connects to public addresses alone, wherever redirects lead; the exception are the servers that the caller trusts.
 * See `public-address.ts`.
 */

import { Agent, fetch, type Response } from 'undici';
import { isAddress, isPublicAddress, lookupPublic, PrivateAddressError } from './public-address.js';

const MOST_REDIRECTS = 5;
const MOST_BYTES = 100_000_000;

export interface FetchBounds {
  /** For all of it, redirects and body. */
  readonly timeoutMs: number;
  /** Whether the address of this server is not looked at. */
  readonly trusts: (origin: string) => boolean;
}

/** What was fetched, and the URL that redirects led to; or why nothing was, in words that name the URL at fault. */
export type Fetched =
  | { readonly url: URL; readonly bytes: Buffer }
  | {
      readonly kind: 'status' | 'redirect' | 'size' | 'time' | 'network' | 'private';
      readonly fault: string;
    };

export async function fetchBounded(url: URL, { timeoutMs, trusts }: FetchBounds): Promise<Fetched> {
  // No connection is kept: by the time of the next file the server may have closed it.
  const guarded = new Agent({ pipelining: 0, connect: { lookup: lookupPublic } });
  const free = new Agent({ pipelining: 0 });
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { accept: 'application/json, application/yaml, */*' };
  let at = url;
  try {
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const isTrusted = trusts(at.origin);
      if (!isTrusted && isAddress(at.hostname) && !isPublicAddress(at.hostname)) return privateFault(at);
      const dispatcher = isTrusted ? free : guarded;
      const response = await fetch(at, { signal, redirect: 'manual', headers, dispatcher });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) {
        return await bodyOf(response, at);
      }
      await response.body?.cancel();
      const next = URL.canParse(location, at.href) ? new URL(location, at) : undefined;
      if (next === undefined || !/^https?:$/.test(next.protocol)) {
        return { kind: 'redirect', fault: `${at.href} redirects to ${JSON.stringify(location)}` };
      }
      at = next;
    }
    return { kind: 'redirect', fault: `${url.href} redirects more than ${String(MOST_REDIRECTS)} times` };
  } catch (error) {
    if (error instanceof DOMException) {
      return { kind: 'time', fault: `${at.href} took more than ${String(timeoutMs / 1000)} s` };
    }
    // fetch throws a TypeError where the network fails, with the reason as its cause.
    if (!(error instanceof TypeError)) throw error;
    if (error.cause instanceof PrivateAddressError) return privateFault(at);
    const reason = error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
    return { kind: 'network', fault: `${at.href} cannot be fetched: ${reason}` };
  } finally {
    await Promise.all([guarded.destroy(), free.destroy()]);
  }
}

async function bodyOf(response: Response, url: URL): Promise<Fetched> {
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    return { kind: 'status', fault: `${url.href} answered ${String(response.status)}` };
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST_BYTES) {
      return { kind: 'size', fault: `${url.href} is larger than ${String(MOST_BYTES / 1e6)} MB` };
    }
    chunks.push(chunk);
  }
  return { url, bytes: Buffer.concat(chunks) };
}

function privateFault({ href }: URL): Fetched {
  return { kind: 'private', fault: `${href} is not at a public address` };
}
