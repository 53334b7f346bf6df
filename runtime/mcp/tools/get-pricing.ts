import { answerSchema, type JsonObject, type Tool } from '../tool.js';

export const getPricing: Tool = {
  name: 'get_pricing',
  title: 'Get a price or a quote',
  description:
    "An endpoint's price in USDC. With arguments also a quote: the most that this call can cost, pinned for ten " +
    'minutes; pass its quote_id to call_api. Free.',
  inputSchema: {
    type: 'object',
    properties: {
      endpoint: { type: 'string', maxLength: 260 },
      arguments: { type: 'object', description: 'As for call_api; leave out to see the price alone' },
    },
    required: ['endpoint'],
    additionalProperties: false,
  },
  outputSchema: answerSchema(
    {
      endpoint: { type: 'string' },
      price: { type: 'object' },
      quote: {
        type: 'object',
        properties: { quote_id: { type: 'string' }, max_charge: { type: 'string' }, expires_at: { type: 'string' } },
        required: ['quote_id', 'max_charge', 'expires_at'],
      },
    },
    ['endpoint', 'price'],
  ),
  needsAccount: false,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run(input, { gateway }) {
    const pricing = await gateway.pricing(input.endpoint as string, input.arguments as JsonObject | undefined);
    return { structured: { ...pricing } };
  },
};
