/**
 * Where an endpoint's requests go. The invariant: nothing that a caller says can lead to an origin that the descriptor
 * (or the operator, with `TOLLGATE_UPSTREAM_<PROVIDER>`) does not name. A server variable takes a value of its `enum`,
 * or else its default, and nothing besides.
 */

import { LRUCache } from 'lru-cache';

import type { EndpointDescriptor, ParameterBinding } from '../../generated/contract.js';
import { jsonText } from '../exact-numbers.js';
import { GatewayError } from '../gateway-error.js';
import { upstreamVariable } from '../provider-variable.js';
import { invalidArgument } from './invalid-argument.js';
import { scalarText } from './scalar-text.js';

/** A server's URL, taken apart. */
export interface ServerUrl {
  readonly origin: string;
  /** Without a slash at its end, but for the root's own. */
  readonly pathname: string;
  readonly search: string;
}

/** By their text. A provider has few servers, and most have one. */
const parsed = new LRUCache<string, ServerUrl>({ max: 1_000 });

/**
 * The server's URL with its variables filled in.
 *
 * @param base replaces the document's server whole, variables included.
 * @throws GatewayError ENDPOINT_UNAVAILABLE where no host is known, INVALID_ARGUMENTS for a value outside the enum.
 */
export function serverUrl(
  endpoint: EndpointDescriptor,
  args: Readonly<Record<string, unknown>>,
  base: string | undefined,
): ServerUrl {
  const text = base ?? substitute(endpoint, args);
  let server = parsed.get(text);
  if (server === undefined) {
    server = parse(endpoint, text);
    parsed.set(text, server);
  }
  return server;
}

function parse(endpoint: EndpointDescriptor, text: string): ServerUrl {
  if (text === '' || text.startsWith('/')) {
    throw unavailable(endpoint, `the document of ${endpoint.id} names no host: its server is ${JSON.stringify(text)}`);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw unavailable(endpoint, `the server of ${endpoint.id} is no http or https url: ${JSON.stringify(text)}`);
  }
  url.pathname = url.pathname.replace(/\/+$/, '');
  const { origin, pathname, search } = url;
  return { origin, pathname, search };
}

function substitute(endpoint: EndpointDescriptor, args: Readonly<Record<string, unknown>>): string {
  return endpoint.server.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const binding = endpoint.parameters.find((parameter) => parameter.in === 'server' && parameter.name === name);
    const value = binding === undefined ? undefined : variableValue(endpoint, binding, args);
    if (value === undefined)
      throw unavailable(endpoint, `the server variable {${name}} of ${endpoint.id} has no value`);
    return scalarText(value);
  });
}

function variableValue(
  endpoint: EndpointDescriptor,
  binding: ParameterBinding,
  args: Readonly<Record<string, unknown>>,
): unknown {
  if (binding.fixed !== undefined) return binding.fixed;
  const { argument } = binding;
  if (argument === undefined || !Object.hasOwn(args, argument) || args[argument] === null) return binding.default;

  const value = args[argument];
  const allowed = enumOf(endpoint, argument) ?? [binding.default];
  if (!allowed.includes(value)) {
    throw invalidArgument(
      argument,
      `is ${jsonText(value)}, which is no value of the server variable`,
      `use one of ${JSON.stringify(allowed)}`,
    );
  }
  return value;
}

/** The enum of an argument's schema, which stands inline: the generator writes it from the server variable. */
function enumOf(endpoint: EndpointDescriptor, argument: string): readonly unknown[] | undefined {
  if (typeof endpoint.arguments === 'boolean') return undefined;
  const properties = endpoint.arguments['properties'] as Readonly<Record<string, { enum?: unknown }>> | undefined;
  const values =
    properties !== undefined && Object.hasOwn(properties, argument) ? properties[argument]?.enum : undefined;
  return Array.isArray(values) ? values : undefined;
}

function unavailable(endpoint: EndpointDescriptor, message: string): GatewayError {
  const variable = upstreamVariable(endpoint.id.split('/')[0] ?? '');
  return new GatewayError(
    'ENDPOINT_UNAVAILABLE',
    message,
    `the operator can set ${variable} to the api's base url, such as https://api.example.com/v1`,
  );
}
