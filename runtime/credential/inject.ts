/**
 * Puts a credential into a request. It is the last change before sending, and it wins: whatever the request already has
 * under the same name, in the same place, is taken out first. The invariant: a credential is only ever added to a
 * request that goes to the origin which the endpoint's descriptor names.
 */

import { percentEncode } from '../upstream/percent-encode.js';
import type { UpstreamRequest } from '../upstream/upstream-request.js';
import type { Credential, CredentialPart } from './credential.js';

/** @throws Error where the request has left its origin, which is a bug. */
export function inject(request: UpstreamRequest, credential: Credential): UpstreamRequest {
  if (request.url.origin !== request.origin) {
    throw new Error(`a credential for ${request.origin} was about to go to ${request.url.origin}`);
  }
  return credential.parts.reduce(apply, request);
}

function apply(request: UpstreamRequest, part: CredentialPart): UpstreamRequest {
  const value = part.value.reveal();
  switch (part.in) {
    case 'header':
      return { ...request, headers: [...headersBut(request, part.name), [part.name.toLowerCase(), value]] };
    case 'query': {
      const url = new URL(request.url);
      const others = url.search
        .slice(1)
        .split('&')
        .filter((field) => field !== '' && nameOf(field) !== part.name);
      url.search = [...others, `${percentEncode(part.name)}=${percentEncode(value)}`].join('&');
      return { ...request, url };
    }
    case 'cookie': {
      const sent = request.headers.filter(([name]) => name.toLowerCase() === 'cookie').map(([, text]) => text);
      const others = sent
        .flatMap((text) => text.split(';'))
        .map((pair) => pair.trim())
        .filter((pair) => pair !== '' && nameOf(pair) !== part.name);
      const cookie = [...others, `${part.name}=${value}`].join('; ');
      return { ...request, headers: [...headersBut(request, 'cookie'), ['cookie', cookie]] };
    }
  }
}

function headersBut(request: UpstreamRequest, name: string): UpstreamRequest['headers'] {
  return request.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
}

/** The name of `name=value` as a server would read it, so that an encoded spelling of it does not stay behind. */
function nameOf(field: string): string {
  const name = field.split('=', 1)[0] ?? '';
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return name;
  }
}
