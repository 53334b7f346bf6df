/**
 * Fetches a file that a reference names by URL. Called only where the maintainer has allowed remote references.
 *
 * It connects to public addresses alone, wherever redirects lead; the one exception is the server that the maintainer
 * fetched the document itself from, which may be a private one. See `public-address.ts`.
 */

import { Agent, fetch, type Response } from 'undici';
import { isAddress, isPublicAddress, lookupPublic, PrivateAddressError } from './public-address.js';

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_REDIRECTS = 5;

/** The body, or why there is none; `isPrivate` where that is the address. */
export type RemoteFile = { readonly bytes: Uint8Array } | { readonly fault: string; readonly isPrivate?: true };

/** @param trusted origin whose address is not looked at: that of the URL that the maintainer gave for the document */
export async function fetchRemoteFile(url: string, trusted: string | undefined): Promise<RemoteFile> {
  const guarded = new Agent({ connect: { lookup: lookupPublic } });
  const free = new Agent();
  try {
    let at = url;
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const { protocol, hostname, origin } = new URL(at);
      if (protocol !== 'https:' && protocol !== 'http:') return { fault: `leads to ${protocol}` };
      const isTrusted = origin === trusted;
      if (!isTrusted && isAddress(hostname) && !isPublicAddress(hostname)) throw new PrivateAddressError(hostname);
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(at, { signal, redirect: 'manual', dispatcher: isTrusted ? free : guarded });
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) return await bodyOf(response);
      if (!URL.canParse(location, at)) return { fault: `is redirected to ${JSON.stringify(location)}` };
      at = new URL(location, at).href;
    }
    return { fault: `is redirected more than ${MAX_REDIRECTS} times` };
  } catch (error) {
    return faultOf(error);
  } finally {
    await Promise.all([guarded.destroy(), free.destroy()]);
  }
}

async function bodyOf(response: Response): Promise<RemoteFile> {
  if (!response.ok || response.body === null) return { fault: `the server answered ${response.status}` };
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MAX_BYTES) return { fault: `it is longer than ${MAX_BYTES} bytes` };
    chunks.push(chunk);
  }
  return { bytes: Buffer.concat(chunks) };
}

/** fetch throws TypeError where the network fails, with the reason as its cause, and DOMException where time is over. */
function faultOf(error: unknown): RemoteFile {
  const reason: unknown = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
  if (reason instanceof PrivateAddressError) return { fault: reason.message, isPrivate: true };
  if (error instanceof TypeError || error instanceof DOMException) {
    return { fault: reason instanceof Error && reason.message !== '' ? reason.message : error.message };
  }
  throw error;
}
