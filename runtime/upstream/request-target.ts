/** The path of a request, and the query that its template may have: filled in, and checked on the URL that came of it. */

import type { EndpointDescriptor, ParameterBinding } from '../../generated/contract.js';
import { GatewayError } from '../gateway-error.js';
import {
  argumentName,
  bound,
  contentText,
  encodable,
  preparedOf,
  unfollowable,
  type Args,
  type FixedParts,
} from './bound-parameters.js';
import { invalidArgument } from './invalid-argument.js';
import { expandPathStyle, type Encode } from './parameter-style.js';
import { joinPaths, partsOf, splitTemplate } from './path-template.js';
import { percentEncode, percentEncodePath, percentEncodeReserved } from './percent-encode.js';

export function expandTarget(endpoint: EndpointDescriptor, args: Args): { path: string; query: string } {
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

/** The second, independent check: the URL as parsed is the template with each expression filled in, and nothing else. */
export function assertTarget(
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
