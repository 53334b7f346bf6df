/** Fetches a document that a reference names by URL. Called only where the maintainer has allowed remote references. */

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** The body, or why there is none. */
export async function fetchRemoteFile(url: string): Promise<{ bytes: Uint8Array } | { fault: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok || response.body === null) return { fault: `answered ${response.status}` };
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > MAX_BYTES) return { fault: `longer than ${MAX_BYTES} bytes` };
      chunks.push(chunk);
    }
    return { bytes: Buffer.concat(chunks) };
  } catch (error) {
    // fetch throws TypeError where the network fails, and DOMException where the time is over.
    if (error instanceof TypeError || error instanceof DOMException) return { fault: error.message };
    throw error;
  }
}
