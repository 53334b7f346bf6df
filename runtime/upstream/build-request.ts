/**
 * Builds the request of one call from the endpoint's descriptor and the validated arguments, and from nothing else: no
 * header of the caller's own passes through, and no argument can name a place that the descriptor does not bind.
 *
 * The invariant: the URL that leaves here has the descriptor's origin and matches the descriptor's path template. That
 * is ensured by encoding and then checked again on the parsed URL, so that a fault in the encoding is a refusal and not
 * a request to another path. Credentials are not added here.
 */

import type { EndpointDescriptor } from '../../generated/contract.js';
import { bound, contentText, encodable, preparedOf, type Args } from './bound-parameters.js';
import { expandFormStyle, type Encode } from './parameter-style.js';
import { joinPaths } from './path-template.js';
import { percentEncode, percentEncodeReserved } from './percent-encode.js';
import { requestBody } from './request-body.js';
import { headersOf } from './request-headers.js';
import { assertTarget, expandTarget } from './request-target.js';
import { serverUrl } from './server-url.js';
import type { UpstreamRequest } from './upstream-request.js';

/**
 * @param args validated against `endpoint.arguments`.
 * @param base the operator's base URL for the provider, which replaces the document's server whole.
 * @throws GatewayError INVALID_ARGUMENTS for a value that cannot be carried safely, ENDPOINT_UNAVAILABLE for a server
 *   without a host or a descriptor that cannot be followed.
 */
export function buildRequest(endpoint: EndpointDescriptor, args: Args, base: string | undefined): UpstreamRequest {
  const server = serverUrl(endpoint, args, base);
  const target = expandTarget(endpoint, args);
  const query = joinFields([server.search.slice(1), target.query, ...queryParameters(endpoint, args)]);
  const path = joinPaths(server.pathname, target.path);
  const search = query === '' ? '' : `?${query}`;
  const url = new URL(`${server.origin}${path}${search}`);
  assertTarget(endpoint, url, { origin: server.origin, basePath: server.pathname, path });

  const body = requestBody(endpoint, args);
  const headers = headersOf(endpoint, args, body !== undefined);
  if (body !== undefined) headers.push(['content-type', body.contentType]);
  return {
    method: endpoint.method,
    url,
    headers,
    body: body?.bytes,
    choosesEncoding: preparedOf(endpoint).choosesEncoding ? true : undefined,
    origin: server.origin,
  };
}

function joinFields(fields: readonly string[]): string {
  return fields.filter((field) => field !== '').join('&');
}

function queryParameters(endpoint: EndpointDescriptor, args: Args): string[] {
  return bound(endpoint, 'query', args).flatMap(([binding, value]) =>
    encodable(binding, () => {
      const encode: Encode = binding.allowReserved ? percentEncodeReserved : percentEncode;
      if (binding.contentType !== undefined) {
        return [`${percentEncode(binding.name)}=${encode(contentText(binding.contentType, value))}`];
      }
      return expandFormStyle(binding, value, encode).map(([name, text]) => `${name}=${text}`);
    }),
  );
}
