/**
 * Fetches the document that a maintainer names by URL, whose address is their own choice. Bounded in bytes, time and
 * redirects; no credential is sent, and a web page in the place of a document is told from one.
 */

import { Agent, fetch, type Response } from 'undici';

const MOST_BYTES = 100_000_000;
const TIMEOUT_MS = 60_000;
const MOST_REDIRECTS = 5;

/** Throws an Error that names the URL and what to do about it. */
export async function fetchDocument(url: URL): Promise<Buffer> {
  const answer = await fetchBounded(url);
  if ('status' in answer) throw new Error(`${answer.url.href} answered ${String(answer.status)}: check the URL`);
  if (isWebPage(answer.bytes)) {
    const raw = rawUrl(answer.url);
    const remedy = raw === undefined ? 'look in it for the link to the document' : `the document itself is at ${raw}`;
    throw new Error(`${answer.url.href} is a web page, not an API document: ${remedy}`);
  }
  return answer.bytes;
}

/** A file that a document refers to; undefined where the server has none, which often is a reference in an example. */
export async function fetchReferenced(url: URL): Promise<Buffer | undefined> {
  const answer = await fetchBounded(url);
  return 'status' in answer || isWebPage(answer.bytes) ? undefined : answer.bytes;
}

/** The bytes of an answer of 200, or the other status; and the URL that redirects led to. */
type Fetched = { readonly url: URL } & ({ readonly bytes: Buffer } | { readonly status: number });

async function fetchBounded(url: URL): Promise<Fetched> {
  let at = url;
  // No connection is kept: by the time of the next file the server may have closed it.
  const dispatcher = new Agent({ pipelining: 0 });
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const accept = 'application/json, application/yaml, */*';
      const response = await fetch(at, { signal, redirect: 'manual', headers: { accept }, dispatcher });
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        const next = URL.canParse(location, at.href) ? new URL(location, at) : undefined;
        if (next === undefined || !/^https?:$/.test(next.protocol)) {
          throw new Error(`${at.href} redirects to ${JSON.stringify(location)}: not followed`);
        }
        at = next;
        continue;
      }
      return await bytesOf(response, at);
    }
    throw new Error(`${url.href} redirects more than ${String(MOST_REDIRECTS)} times: not followed`);
  } catch (error) {
    if (error instanceof DOMException) {
      throw new Error(`${at.href} took more than ${String(TIMEOUT_MS / 1000)} s: download it, and add the file`, {
        cause: error,
      });
    }
    // fetch throws a TypeError where the network fails, with the reason as its cause.
    if (!(error instanceof TypeError)) throw error;
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(`${at.href} cannot be fetched: ${reason}`, { cause: error });
  } finally {
    await dispatcher.destroy();
  }
}

async function bytesOf(response: Response, url: URL): Promise<Fetched> {
  if (response.status !== 200) {
    await response.body?.cancel();
    return { url, status: response.status };
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`${url.href} is larger than ${String(MOST_BYTES / 1e6)} MB: not read`);
    chunks.push(chunk);
  }
  return { url, bytes: Buffer.concat(chunks) };
}

/** Whether these are the first bytes of HTML, which no document of OpenAPI begins with. */
export function isWebPage(bytes: Buffer): boolean {
  return /^\uFEFF?\s*(<!--[\s\S]*?-->\s*)*<(!doctype\s+html|html|head|body)\b/i.test(bytes.toString('utf8', 0, 2_000));
}

/** Where a page of GitHub or GitLab that shows a file has the file itself. */
function rawUrl({ hostname, pathname, origin }: URL): string | undefined {
  const github = /^\/([^/]+)\/([^/]+)\/blob\/(.+)$/.exec(pathname);
  if (hostname === 'github.com' && github !== null) {
    return `https://raw.githubusercontent.com/${github.slice(1).join('/')}`;
  }
  return pathname.includes('/-/blob/') ? origin + pathname.replace('/-/blob/', '/-/raw/') : undefined;
}
