import type { EndpointDescriptor, ParameterBinding } from '../../generated/contract.js';

/** A descriptor with nothing in it but what a test is about. */
export function endpointWith(differences: Partial<EndpointDescriptor> = {}): EndpointDescriptor {
  return {
    id: 'acme/operation',
    method: 'GET',
    path: '/things',
    title: 'Things',
    summary: 'Things.',
    description: '',
    tags: [],
    server: 'https://api.example.com/v1',
    arguments: { type: 'object', properties: {}, additionalProperties: false },
    parameters: [],
    responses: [],
    security: [],
    price: { model: 'free' },
    charge: { on: ['2xx'] },
    example: {},
    ...differences,
  };
}

const DEFAULT_STYLES = { path: 'simple', query: 'form', header: 'simple', cookie: 'form', server: 'simple' } as const;

/** A binding with OpenAPI's defaults for its place; the argument has the name on the wire. */
export function parameter(
  place: ParameterBinding['in'],
  name: string,
  differences: Partial<ParameterBinding> = {},
): ParameterBinding {
  const style = differences.style ?? DEFAULT_STYLES[place];
  return {
    argument: name,
    name,
    in: place,
    required: place === 'path',
    style,
    explode: style === 'form',
    ...differences,
  };
}
