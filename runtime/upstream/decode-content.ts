/**
 * Undoes `Content-Encoding` (RFC 9110 section 8.4). The limit counts bytes after inflating, and inflating stops there:
 * a small answer that would unpack into gigabytes costs the limit and no more, at each of the stacked encodings.
 */

import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { UpstreamFailure } from './upstream-failure.js';

type Inflate = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

const gunzip: Inflate = promisify(zlib.gunzip);
const inflate: Inflate = promisify(zlib.inflate);
const inflateRaw: Inflate = promisify(zlib.inflateRaw);

/** Node has zstd from 22.15 on. */
const { zstdDecompress } = zlib as { zstdDecompress?: typeof zlib.gunzip };

const DECODERS: Readonly<Record<string, Inflate>> = {
  gzip: gunzip,
  'x-gzip': gunzip,
  // Named "deflate", meant as zlib (RFC 1950), and sent as raw deflate (RFC 1951) by some servers.
  deflate: (bytes, options) => (hasZlibHeader(bytes) ? inflate : inflateRaw)(bytes, options),
  br: promisify(zlib.brotliDecompress),
  ...(zstdDecompress === undefined ? {} : { zstd: promisify(zstdDecompress) }),
};

/**
 * What is asked for. Left out is zstd: not every supported Node can undo it, and Node 22 takes what is cut off for whole.
 */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

/** No honest server needs more. */
const MAX_STACKED = 3;

/**
 * @param contentEncoding the header's value; encodings in the order in which they were applied.
 * @param limit bytes.
 * @throws UpstreamFailure too-large, truncated or bad-encoding.
 */
export async function decodeContent(
  bytes: Uint8Array,
  contentEncoding: string,
  limit: number,
  status: number,
): Promise<Uint8Array> {
  const names = contentEncoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (bytes.byteLength === 0 || names.length === 0) return bytes;
  const answered = { sent: true, upstreamStatus: status };
  if (names.length > MAX_STACKED) {
    throw new UpstreamFailure('bad-encoding', `the answer is encoded ${names.length} times over`, answered);
  }

  let decoded = bytes;
  for (const name of names.reverse()) {
    const decode = Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined;
    if (decode === undefined) {
      // The name is the upstream's own words, and may be anything that it was sent.
      throw new UpstreamFailure('bad-encoding', `the answer's encoding is none of ${ACCEPT_ENCODING}`, answered);
    }
    try {
      decoded = await decode(decoded, { maxOutputLength: limit });
    } catch (error) {
      throw decodingFailure(name, limit, status, error);
    }
  }
  return decoded;
}

function hasZlibHeader(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  return (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0;
}

function decodingFailure(name: string, limit: number, status: number, error: unknown): UpstreamFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const circumstances = { sent: true, upstreamStatus: status, cause: error };
  if (code === 'ERR_BUFFER_TOO_LARGE') {
    return new UpstreamFailure('too-large', `the answer is over ${limit} bytes when unpacked`, circumstances);
  }
  if (code === 'Z_BUF_ERROR') {
    return new UpstreamFailure('truncated', `the answer's ${name} data ends too early`, circumstances);
  }
  return new UpstreamFailure('bad-encoding', `the answer's ${name} data is damaged`, circumstances);
}
