/**
 * AWS Signature Version 4 (IAM User Guide, "Create a signed AWS API request"), over exactly what is sent: the signature
 * is made when the request is otherwise complete, and whatever is changed afterwards breaks it.
 */

import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

import { percentEncode } from '../upstream/percent-encode.js';
import type { UpstreamRequest } from '../upstream/upstream-request.js';
import type { AwsKeys, AwsScope } from './aws-scope.js';
import { Secret } from './secret.js';

/** Headers that carry a signature, which are made here and taken from nobody. */
const OWN_HEADERS = new Set(['authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256']);

/** @returns the signed request, and what of it must not be repeated to anybody. */
export async function signForAws(
  request: UpstreamRequest,
  keys: AwsKeys,
  scope: AwsScope,
  nowMs: number,
): Promise<{ readonly request: UpstreamRequest; readonly secrets: readonly Secret[] }> {
  const { url, query } = rewritten(request.url);
  const others = request.headers.filter(([name]) => !OWN_HEADERS.has(name.toLowerCase()));
  const isStorage = /^s3/.test(scope.service);
  const signer = new SignatureV4({
    service: scope.service,
    region: scope.region,
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey.reveal(),
      sessionToken: keys.sessionToken?.reveal(),
    },
    sha256: Sha256,
    // S3 alone signs a path as it is sent; for all others it is encoded once more.
    uriEscapePath: !isStorage,
    applyChecksum: isStorage,
  });
  const { headers } = await signer.sign(
    {
      method: request.method,
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query,
      headers: { ...joined(others), host: url.host },
      body: request.body,
    },
    { signingDate: new Date(nowMs) },
  );
  const own = Object.entries(headers).filter(([name]) => OWN_HEADERS.has(name));
  const [signature = ''] = /[0-9a-f]{64}$/.exec(headers['authorization'] ?? '') ?? [];
  return {
    request: { ...request, url, headers: [...others, ...own] },
    secrets: [new Secret(signature)],
  };
}

/**
 * The query's fields as they are signed, and the URL with them written in that very way. A field without `=` is sent
 * with it, for that is how it is signed.
 */
function rewritten(given: URL): { readonly url: URL; readonly query: Record<string, string[]> } {
  const fields = given.search
    .slice(1)
    .split('&')
    .filter((field) => field !== '')
    .map((field) => {
      const at = field.indexOf('=');
      return at < 0 ? [decode(field), ''] : [decode(field.slice(0, at)), decode(field.slice(at + 1))];
    });
  const query: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [name = '', value = ''] of fields) (query[name] ??= []).push(value);
  const url = new URL(given);
  url.search = fields.map((field) => field.map(percentEncode).join('=')).join('&');
  return { url, query };
}

/** What is no percent-encoding stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return text;
  }
}

/** As they are signed: by name, several of one name joined, and not as the octets that a request's headers are made of. */
function joined(headers: UpstreamRequest['headers']): Record<string, string> {
  const byName: Record<string, string> = {};
  for (const [name, octets] of headers) {
    const value = Buffer.from(octets, 'latin1').toString('utf8');
    byName[name] = byName[name] === undefined ? value : `${byName[name]},${value}`;
  }
  return byName;
}
