/**
 * Fetches the document that a maintainer names by URL, whose address is their own choice, and the files that it refers
 * to, whose address is not. A web page in the place of a document is told from one.
 */

import { fetchBounded, type Fetched } from '../load/fetch-bounded.js';

const TIMEOUT_MS = 60_000;

const REMEDIES = {
  status: 'check the URL',
  redirect: 'not followed',
  size: 'not read',
  time: 'download it, and add the file',
  network: 'check the URL, or download it and add the file',
  private: 'download the document with its files, and add the file',
};

export interface FetchedDocument {
  readonly bytes: Buffer;
  /** The one that redirects led to: what it refers to lies beside that (RFC 3986, section 5.1.3). */
  readonly url: URL;
  /** Of its URL, and of the one that redirects led to. */
  readonly origins: ReadonlySet<string>;
}

/** Throws an Error that names the URL and what to do about it. */
export async function fetchDocument(url: URL): Promise<FetchedDocument> {
  const fetched = await fetchBounded(url, { timeoutMs: TIMEOUT_MS, trusts: () => true });
  if ('fault' in fetched) throw faultError(fetched);
  if (isWebPage(fetched.bytes)) {
    const raw = rawUrl(fetched.url);
    const remedy = raw === undefined ? 'look in it for the link to the document' : `the document itself is at ${raw}`;
    throw new Error(`${fetched.url.href} is a web page, not an API document: ${remedy}`);
  }
  return { ...fetched, origins: new Set([url.origin, fetched.url.origin]) };
}

/**
 * A file that a document refers to; undefined where the server has none, which often is a reference in an example.
 * @param trusted origins of the document, which may be at a private address
 */
export async function fetchReferenced(url: URL, trusted: ReadonlySet<string>): Promise<Buffer | undefined> {
  const fetched = await fetchBounded(url, { timeoutMs: TIMEOUT_MS, trusts: (origin) => trusted.has(origin) });
  if ('bytes' in fetched) return isWebPage(fetched.bytes) ? undefined : fetched.bytes;
  if (fetched.kind === 'status') return undefined;
  throw faultError(fetched);
}

function faultError({ kind, fault }: Exclude<Fetched, { readonly bytes: Buffer }>): Error {
  return new Error(`${fault}: ${REMEDIES[kind]}`);
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
