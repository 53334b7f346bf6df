/**
 * Writes `providers/<id>/descriptors.json`. Keys are in the order of the contract whatever order earlier stages left
 * them in; definitions and endpoints are sorted.
 */

import {
  CATALOGUE_FORMAT,
  type EndpointDescriptor,
  type JsonSchema,
  type ProviderDescriptor,
  type ProviderFile,
} from '../contract.js';
import { definitionsNamedIn } from '../normalize/definition-name.js';
import type { PricedOperation } from '../price/price-operations.js';
import { byCodePoint } from './code-point-order.js';
import { fileOf, listRows, recordRows } from './rows.js';

/** The descriptor of an operation, without what only the generator needs. */
export function endpointDescriptor(provider: string, operation: PricedOperation): EndpointDescriptor {
  return {
    id: `${provider}/${operation.operation}`,
    method: operation.method,
    path: operation.path,
    title: operation.title,
    summary: operation.summary,
    description: operation.description,
    tags: operation.tags,
    ...(operation.deprecated === true && { deprecated: true }),
    server: operation.server,
    arguments: operation.arguments,
    parameters: operation.parameters.map((binding) => ({
      ...(binding.argument !== undefined && { argument: binding.argument }),
      name: binding.name,
      in: binding.in,
      required: binding.required,
      style: binding.style,
      explode: binding.explode,
      ...(binding.allowReserved === true && { allowReserved: true }),
      ...(binding.contentType !== undefined && { contentType: binding.contentType }),
      ...(binding.fixed !== undefined && { fixed: binding.fixed }),
      ...(binding.default !== undefined && { default: binding.default }),
    })),
    ...(operation.body !== undefined && {
      body: {
        argument: operation.body.argument,
        required: operation.body.required,
        contentType: operation.body.contentType,
        encoding: operation.body.encoding,
        ...(operation.body.fields !== undefined && { fields: operation.body.fields }),
        ...(operation.body.fixed !== undefined && { fixed: operation.body.fixed }),
      },
    }),
    responses: operation.responses.map((response) => ({
      status: response.status,
      ...(response.description !== undefined && { description: response.description }),
      ...(response.contentType !== undefined && { contentType: response.contentType }),
      ...(response.schema !== undefined && { schema: response.schema }),
      ...(response.stream !== undefined && { stream: response.stream }),
    })),
    security: operation.security,
    price: operation.price,
    charge: operation.charge,
    example: operation.example,
  };
}

export function providerFile(
  provider: ProviderDescriptor,
  definitions: Readonly<Record<string, JsonSchema>>,
  endpoints: readonly EndpointDescriptor[],
): ProviderFile {
  return { format: CATALOGUE_FORMAT, provider, definitions: definitionsInUse(definitions, endpoints), endpoints };
}

/** The text of `descriptors.json`: a definition or an endpoint a line. */
export function providerFileText(file: ProviderFile): string {
  const definitions = Object.entries(file.definitions).sort(([left], [right]) => byCodePoint(left, right));
  return fileOf([
    ['format', String(file.format)],
    ['provider', JSON.stringify(file.provider)],
    ['definitions', recordRows(definitions)],
    ['endpoints', listRows(file.endpoints)],
  ]);
}

/** Excluded operations and fixed properties leave definitions behind that nothing refers to any more. */
function definitionsInUse(
  definitions: Readonly<Record<string, JsonSchema>>,
  endpoints: readonly EndpointDescriptor[],
): Readonly<Record<string, JsonSchema>> {
  const used = definitionsNamedIn(
    endpoints.map((endpoint) => [
      endpoint.arguments,
      ...endpoint.responses.flatMap((response) => [response.schema, response.stream?.schema]),
    ]),
  );
  // A set hands out what is added to it on the way.
  for (const name of used) {
    if (!Object.hasOwn(definitions, name)) continue;
    for (const inner of definitionsNamedIn(definitions[name])) used.add(inner);
  }
  return Object.fromEntries(Object.entries(definitions).filter(([name]) => used.has(name)));
}
