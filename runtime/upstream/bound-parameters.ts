/** An endpoint's parameters with the values of one call, and what is the same in all calls of it. */

import type { EndpointDescriptor, ParameterBinding } from '../../generated/contract.js';
import { jsonText } from '../exact-numbers.js';
import { GatewayError } from '../gateway-error.js';
import { acceptHeader } from './accept-header.js';
import { invalidArgument } from './invalid-argument.js';
import { isJson } from './media-type.js';
import { partsOf, splitTemplate } from './path-template.js';
import { scalarText } from './scalar-text.js';

export type Args = Readonly<Record<string, unknown>>;

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
export interface FixedParts {
  readonly basePath: string;
  readonly whole: readonly string[];
  readonly segments: readonly (readonly string[])[];
  /** Whether a value may have slashes, and so be more than one segment. */
  readonly spansSegments: boolean;
}

const PREPARED = new WeakMap<EndpointDescriptor, Prepared>();

export function preparedOf(endpoint: EndpointDescriptor): Prepared {
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

export function bound(
  endpoint: EndpointDescriptor,
  place: ParameterBinding['in'],
  args: Args,
): [ParameterBinding, unknown][] {
  const given: [ParameterBinding, unknown][] = [];
  for (const binding of preparedOf(endpoint).bindings.get(place) ?? []) {
    const value = nullAsText(binding, valueOf(binding, args));
    if (value !== undefined) given.push([binding, value]);
  }
  return given;
}

export function argumentName(binding: ParameterBinding): string {
  return binding.argument ?? binding.name;
}

/** A lone surrogate has no UTF-8, and so no percent-encoding either. */
export function encodable<T>(binding: ParameterBinding, encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw invalidArgument(argumentName(binding), 'has a lone surrogate', 'send well-formed unicode text');
  }
}

/** The value of a parameter with `content`, by its media type (OpenAPI 3.1 section 4.8.12.2). */
export function contentText(contentType: string, value: unknown): string {
  return isJson(contentType) ? jsonText(value) : scalarText(value);
}

export function unfollowable(endpoint: EndpointDescriptor, fault: string): GatewayError {
  return new GatewayError(
    'ENDPOINT_UNAVAILABLE',
    `the descriptor of ${endpoint.id} ${fault}`,
    'the maintainer can correct the document, with an overlay for instance, and generate again',
  );
}
