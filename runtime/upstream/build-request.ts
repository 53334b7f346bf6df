/**
 * Builds the request of one call from the endpoint's descriptor and the validated arguments, and from nothing else: no
 * header of the caller's own passes through, and no argument can name a place that the descriptor does not bind.
 *
 * The invariant: the URL that leaves here has the descriptor's origin and matches the descriptor's path template. That
 * is ensured by encoding and then checked again on the parsed URL, so that a fault in the encoding is a refusal and not
 * a request to another path. Credentials are not added here.
 */

import type { EndpointDescriptor, ParameterBinding } from '../../generated/contract.js';
import { jsonText } from '../exact-numbers.js';
import { GatewayError } from '../gateway-error.js';
import { acceptHeader } from './accept-header.js';
import { invalidArgument } from './invalid-argument.js';
import { isJson } from './media-type.js';
import { expandFormStyle, expandPathStyle, type Encode } from './parameter-style.js';
import { percentEncode, percentEncodePath, percentEncodeReserved } from './percent-encode.js';
import { requestBody } from './request-body.js';
import { scalarText } from './scalar-text.js';
import { serverUrl } from './server-url.js';
import type { UpstreamRequest } from './upstream-request.js';
import { USER_AGENT } from './user-agent.js';

type Args = Readonly<Record<string, unknown>>;

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

/** What is the same in all requests of an endpoint. It is made for the first of them. */
interface Prepared {
  /** Fixed parts, as a URL holds them, and between them the names of expressions: `['/a/', 'id', '/b']`. */
  readonly path: readonly string[];
  readonly query: readonly string[];
  readonly accept: string;
  readonly choosesEncoding: boolean;
  /** The parameters, by their place. */
  readonly bindings: ReadonlyMap<ParameterBinding['in'], readonly ParameterBinding[]>;
  fixed?: FixedParts;
}

/** The fixed parts of the template behind the base path that the server had last. */
interface FixedParts {
  readonly basePath: string;
  readonly whole: readonly string[];
  readonly segments: readonly (readonly string[])[];
  /** Whether a value may have slashes, and so be more than one segment. */
  readonly spansSegments: boolean;
}

const PREPARED = new WeakMap<EndpointDescriptor, Prepared>();

function preparedOf(endpoint: EndpointDescriptor): Prepared {
  let prepared = PREPARED.get(endpoint);
  if (prepared === undefined) {
    const { path, query } = splitTemplate(endpoint.path);
    const isEncoding = ({ in: place, name }: ParameterBinding): boolean =>
      place === 'header' && name.toLowerCase() === 'accept-encoding';
    prepared = {
      path: partsOf(path),
      query: partsOf(query),
      accept: acceptHeader(endpoint.responses),
      choosesEncoding: endpoint.parameters.some(isEncoding),
      bindings: byPlace(endpoint.parameters),
    };
    PREPARED.set(endpoint, prepared);
  }
  return prepared;
}

function byPlace(parameters: readonly ParameterBinding[]): Prepared['bindings'] {
  const bindings = new Map<ParameterBinding['in'], ParameterBinding[]>();
  for (const binding of parameters) bindings.set(binding.in, [...(bindings.get(binding.in) ?? []), binding]);
  return bindings;
}

/** What the binding sends: the fixed value, the caller's, or the default of a required parameter. */
function valueOf(binding: ParameterBinding, args: Args): unknown {
  if (binding.fixed !== undefined) return binding.fixed;
  if (binding.argument !== undefined && Object.hasOwn(args, binding.argument)) return args[binding.argument];
  return binding.required ? binding.default : undefined;
}

/**
 * OpenAPI has no text for null outside of a body, and RFC 6570 leaves it out. A parameter that is required has to be
 * there all the same: it is sent without a value (`name=`), which is what most servers read as null. In a path there is
 * no such thing, and by a media type null has a text of its own.
 */
function nullAsText(binding: ParameterBinding, value: unknown): unknown {
  const isLeftOut = value === null && binding.contentType === undefined;
  return isLeftOut && binding.required && binding.in !== 'path' ? '' : value;
}

function bound(endpoint: EndpointDescriptor, place: ParameterBinding['in'], args: Args): [ParameterBinding, unknown][] {
  const given: [ParameterBinding, unknown][] = [];
  for (const binding of preparedOf(endpoint).bindings.get(place) ?? []) {
    const value = nullAsText(binding, valueOf(binding, args));
    if (value !== undefined) given.push([binding, value]);
  }
  return given;
}

function argumentName(binding: ParameterBinding): string {
  return binding.argument ?? binding.name;
}

/** A lone surrogate has no UTF-8, and so no percent-encoding either. */
function encodable<T>(binding: ParameterBinding, encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw invalidArgument(argumentName(binding), 'has a lone surrogate', 'send well-formed unicode text');
  }
}

/** The value of a parameter with `content`, by its media type (OpenAPI 3.1 section 4.8.12.2). */
function contentText(contentType: string, value: unknown): string {
  return isJson(contentType) ? jsonText(value) : scalarText(value);
}

// ---------------------------------------------------------------------------------------------------------------------
// Path

const EXPRESSION = /\{([^{}]*)\}/g;

/** Some documents write a query into the path template; a fragment there only tells operations apart. */
function splitTemplate(template: string): { path: string; query: string } {
  const [target = ''] = template.split('#', 1);
  const mark = target.indexOf('?');
  return mark < 0 ? { path: target, query: '' } : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

function partsOf(template: string): readonly string[] {
  return template.split(EXPRESSION).map((part, index) => (index % 2 === 0 ? encodeFixedPart(part) : part));
}

function expandTarget(endpoint: EndpointDescriptor, args: Args): { path: string; query: string } {
  const values = new Map(bound(endpoint, 'path', args).map(([binding, value]) => [binding.name, { binding, value }]));
  const expand = (parts: readonly string[], reserved: Encode): string =>
    parts
      .map((part, index) => (index % 2 === 0 ? part : expandExpression(endpoint, part, values.get(part), reserved)))
      .join('');

  const { path, query } = preparedOf(endpoint);
  return { path: expand(path, percentEncodePath), query: expand(query, percentEncodeReserved) };
}

function expandExpression(
  endpoint: EndpointDescriptor,
  name: string,
  given: { readonly binding: ParameterBinding; readonly value: unknown } | undefined,
  reserved: Encode,
): string {
  if (given === undefined || given.value === null) {
    const binding = endpoint.parameters.find((parameter) => parameter.in === 'path' && parameter.name === name);
    if (binding === undefined) throw unfollowable(endpoint, `binds no parameter for {${name}} of its path`);
    throw invalidArgument(argumentName(binding), 'is missing', 'give it a value: it is a part of the path');
  }
  const { binding, value } = given;
  const encode = binding.allowReserved ? reserved : percentEncode;
  const text = encodable(binding, () =>
    binding.contentType === undefined
      ? expandPathStyle(binding, value, encode)
      : encode(contentText(binding.contentType, value)),
  );
  if (text === undefined || text === '') {
    throw invalidArgument(argumentName(binding), 'is empty', 'give it a value: it is a part of the path');
  }
  if (binding.allowReserved && /^\/|\/$|\/\//.test(text)) {
    throw invalidArgument(
      argumentName(binding),
      'has an empty segment',
      'write the path without a slash at its beginning or end, and without two in a row',
    );
  }
  return text;
}

/** The document's own text: kept, but for what a URL cannot hold. */
function encodeFixedPart(text: string): string {
  return text.replace(/[^\w.~!$&'()*+,;=:@/%-]+/gu, (run) => encodeURIComponent(run));
}

function joinPaths(basePath: string, path: string): string {
  const base = basePath.replace(/\/+$/, '');
  return path === '' ? base || '/' : `${base}${path.startsWith('/') ? '' : '/'}${path}`;
}

/** The second, independent check: the URL as parsed is the template with each expression filled in, and nothing else. */
function assertTarget(
  endpoint: EndpointDescriptor,
  url: URL,
  built: { readonly origin: string; readonly basePath: string; readonly path: string },
): void {
  if (url.origin !== built.origin) throw leftTemplate(endpoint, 'another origin');

  const { pathname } = url;
  if (DOT_SEGMENT.test(pathname)) throw leftTemplate(endpoint, 'a dot segment');
  const wanted = fixedParts(endpoint, built.basePath);
  // What is not in the template's segments can be there only where a value may have segments of its own.
  const isWithin = wanted.spansSegments
    ? matchesFixedParts(pathname, wanted.whole)
    : haveFixedParts(pathname.split('/'), wanted.segments);
  if (pathname !== built.path || !isWithin) throw leftTemplate(endpoint, 'other segments');
}

/** The template, read anew for the check: segment by segment, and not by the parts that the path was put together of. */
function fixedParts(endpoint: EndpointDescriptor, basePath: string): FixedParts {
  const prepared = preparedOf(endpoint);
  if (prepared.fixed?.basePath !== basePath) {
    const template = joinPaths(basePath, splitTemplate(endpoint.path).path);
    const fixedOf = (text: string): readonly string[] => partsOf(text).filter((_, part) => part % 2 === 0);
    prepared.fixed = {
      basePath,
      whole: fixedOf(template),
      segments: template.split('/').map(fixedOf),
      spansSegments: endpoint.parameters.some((binding) => binding.in === 'path' && binding.allowReserved === true),
    };
  }
  return prepared.fixed;
}

const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;

function haveFixedParts(segments: readonly string[], fixed: FixedParts['segments']): boolean {
  return segments.length === fixed.length && segments.every((segment, at) => matchesFixedParts(segment, fixed[at]!));
}

/** @param fixed at least one part; if it is the only one, the whole segment must be equal to it. */
function matchesFixedParts(segment: string, fixed: readonly string[]): boolean {
  const first = fixed[0]!;
  const last = fixed.at(-1)!;
  if (fixed.length === 1) return segment === first;
  if (!segment.startsWith(first)) return false;
  let from = first.length;
  for (let part = 1; part < fixed.length - 1; part += 1) {
    const at = segment.indexOf(fixed[part]!, from);
    if (at < 0) return false;
    from = at + fixed[part]!.length;
  }
  return segment.length - last.length >= from && segment.endsWith(last);
}

function leftTemplate(endpoint: EndpointDescriptor, what: string): GatewayError {
  return new GatewayError(
    'INVALID_ARGUMENTS',
    `the path arguments would lead to ${what} than ${endpoint.path} has`,
    'give path arguments that are plain names or numbers, without "." or ".." alone',
  );
}

function unfollowable(endpoint: EndpointDescriptor, fault: string): GatewayError {
  return new GatewayError(
    'ENDPOINT_UNAVAILABLE',
    `the descriptor of ${endpoint.id} ${fault}`,
    'the maintainer can correct the document, with an overlay for instance, and generate again',
  );
}

// ---------------------------------------------------------------------------------------------------------------------
// Query

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

// ---------------------------------------------------------------------------------------------------------------------
// Headers

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

function headersOf(endpoint: EndpointDescriptor, args: Args, hasBody: boolean): [string, string][] {
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
  // eslint-disable-next-line no-control-regex -- control characters are what is being refused
  const control = /[\u0000-\u001f\u007f-\u009f]/.exec(text);
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
