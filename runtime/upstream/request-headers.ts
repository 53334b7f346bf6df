/** The headers of a request: those that the descriptor declares, and our own. Credentials are not among them. */

import type { EndpointDescriptor, ParameterBinding } from '../../generated/contract.js';
import {
  argumentName,
  bound,
  contentText,
  encodable,
  preparedOf,
  unfollowable,
  type Args,
} from './bound-parameters.js';
import { invalidArgument } from './invalid-argument.js';
import { expandFormStyle, expandPathStyle } from './parameter-style.js';
import { percentEncode } from './percent-encode.js';
import { USER_AGENT } from './user-agent.js';

/** OpenAPI 3.1 section 4.8.12.1: parameters of these names "SHALL be ignored". A value that is fixed is not a parameter. */
const NO_PARAMETERS = new Set(['accept', 'content-type', 'authorization']);

/** The sender frames messages; a document that lists these describes what any client does. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function headersOf(endpoint: EndpointDescriptor, args: Args, hasBody: boolean): [string, string][] {
  const headers = new Map<string, string>([
    ['accept', preparedOf(endpoint).accept],
    ['user-agent', USER_AGENT],
  ]);
  for (const [binding, value] of bound(endpoint, 'header', args)) {
    const name = binding.name.toLowerCase();
    if (FRAMING.has(name) || name === 'cookie') continue;
    if (NO_PARAMETERS.has(name) && binding.fixed === undefined) continue;
    // A body says its own type.
    if (name === 'content-type' && hasBody) continue;
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      throw unfollowable(endpoint, `has a header of the name ${JSON.stringify(name)}`);

    const text =
      binding.contentType === undefined
        ? expandPathStyle(binding, value, (member) => member)
        : contentText(binding.contentType, value);
    if (text !== undefined) headers.set(name, headerValue(binding, text));
  }
  const cookie = cookieHeader(endpoint, args);
  if (cookie !== undefined) headers.set('cookie', cookie);
  return [...headers];
}

/** As UTF-8 octets, one a character, which is how the client writes header values (RFC 9110 section 5.5, obs-text). */
function headerValue(binding: ParameterBinding, text: string): string {
  // A header may have tabs, and here they are what parts the values of a list.
  const checked = binding.style === 'tabDelimited' ? text.replaceAll('\t', '') : text;
  // eslint-disable-next-line no-control-regex -- control characters are what is being refused
  const control = /[\u0000-\u001f\u007f-\u009f]/.exec(checked);
  if (control !== null) {
    throw invalidArgument(
      argumentName(binding),
      `has the control character U+${control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
      'send a header value of one line, without control characters',
    );
  }
  return encodable(binding, () => percentEncode(text) && Buffer.from(text, 'utf8').toString('latin1'));
}

/** All cookie parameters in one header (RFC 6265 section 4.2.1). */
function cookieHeader(endpoint: EndpointDescriptor, args: Args): string | undefined {
  const pairs = bound(endpoint, 'cookie', args).flatMap(([binding, value]) =>
    encodable(binding, () =>
      binding.contentType === undefined
        ? expandFormStyle(binding, value, encodeCookie)
        : [[percentEncode(binding.name), encodeCookie(contentText(binding.contentType, value))] as const],
    ),
  );
  return pairs.length === 0 ? undefined : pairs.map(([name, text]) => `${name}=${text}`).join('; ');
}

/**
 * Encodes what a cookie's value cannot hold (RFC 6265 section 4.1.1), and `%` so that decoding gives the value back.
 * The rest is kept, because many servers do not decode cookies.
 */
function encodeCookie(text: string): string {
  return text.replace(/[^!#$&'()*+\-./\w:<=>?@[\]^`{|}~]+/gu, (run) => encodeURIComponent(run));
}
