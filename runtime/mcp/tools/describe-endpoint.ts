import { answerSchema, type Tool } from '../tool.js';

export const describeEndpoint: Tool = {
  name: 'describe_endpoint',
  title: 'Describe an endpoint',
  description:
    'All that a call of one endpoint needs: the JSON Schema of its arguments with an example that works, its price and ' +
    'when it is charged; what it answers, and how it has performed. Free. Read it before call_api.',
  inputSchema: {
    type: 'object',
    properties: {
      endpoint: {
        type: 'string',
        maxLength: 260,
        description: 'An id from browse_apis, such as "open-meteo/get-forecast"',
      },
    },
    required: ['endpoint'],
    additionalProperties: false,
  },
  outputSchema: answerSchema(
    {
      endpoint: { type: 'string' },
      title: { type: 'string' },
      description: { type: 'string' },
      arguments: { type: 'object' },
      example: { type: 'object' },
      response: { type: 'object' },
      price: { type: 'object' },
      charged_when: { type: 'string' },
      observed: { type: 'object' },
      rating: { type: ['object', 'null'] },
      unavailable: { type: 'string' },
    },
    ['endpoint', 'title', 'description', 'arguments', 'example', 'price', 'charged_when', 'observed', 'rating'],
  ),
  needsAccount: false,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run(input, { gateway }) {
    return { structured: { ...(await gateway.describe(input.endpoint as string)) } };
  },
};
