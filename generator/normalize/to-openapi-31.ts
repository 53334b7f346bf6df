/**
 * Normalized operations → one self-contained document of OpenAPI 3.1, from which types are generated. It is written anew
 * and not the author's document upgraded in place, so that it says exactly what the endpoints accept, every reference
 * in it resolves, and no name in it has to be escaped. Each operation's id is the one that its endpoint has.
 */

import type { JsonSchema, ResponseDescriptor } from '../contract.js';
import { isObject, own, setOwn, type JsonObject } from './json-value.js';
import type { NormalizedOperation } from './normalized-document.js';

const METHODS = new Set(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']);

export function toOpenapi31(
  info: { readonly title: string; readonly version: string },
  definitions: Readonly<Record<string, JsonSchema>>,
  operations: readonly NormalizedOperation[],
): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    // The Path Item Object of 3.1 has no place for other methods.
    if (!METHODS.has(operation.method)) continue;
    const item = (own(paths, operation.path) as Record<string, unknown> | undefined) ?? {};
    setOwn(item, operation.method.toLowerCase(), operationObject(operation));
    setOwn(paths, operation.path, item);
  }
  const schemas: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(definitions)) setOwn(schemas, name, relocate(schema));
  return { openapi: '3.1.1', info, paths, components: { schemas } };
}

function operationObject(operation: NormalizedOperation): JsonObject {
  const root = operation.arguments as JsonObject;
  const properties = root['properties'] as JsonObject;
  const parameters = operation.parameters.flatMap(({ argument, name, in: place, required }) => {
    const schema = argument === undefined ? undefined : own(properties, argument);
    if (place === 'server' || schema === undefined) return [];
    return [{ name, in: place, required, schema: relocate(schema) }];
  });
  const { body } = operation;
  const requestBody = body && {
    required: body.required,
    content: { [body.contentType]: { schema: relocate(own(properties, body.argument)) } },
  };
  const responses: Record<string, unknown> = {};
  for (const response of operation.responses) responses[response.status] = responseObject(response);
  return {
    operationId: operation.operation,
    ...(operation.deprecated ? { deprecated: true } : {}),
    summary: operation.summary,
    parameters,
    ...(requestBody === undefined ? {} : { requestBody }),
    responses,
  };
}

function responseObject({ description, contentType, schema }: ResponseDescriptor): JsonObject {
  const content =
    contentType === undefined ? undefined : { [contentType]: schema === undefined ? {} : { schema: relocate(schema) } };
  return { description: description ?? '', ...(content === undefined ? {} : { content }) };
}

/** `#/$defs/…` → `#/components/schemas/…`, throughout. Values of keywords that are data are never references of ours. */
function relocate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocate);
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) {
    const isReference = key === '$ref' && typeof child === 'string' && child.startsWith('#/$defs/');
    setOwn(copy, key, isReference ? child.replace('#/$defs/', '#/components/schemas/') : relocate(child));
  }
  return copy;
}
