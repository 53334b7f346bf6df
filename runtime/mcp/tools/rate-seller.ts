import { answerSchema, type Tool } from '../tool.js';

export const rateSeller: Tool = {
  name: 'rate_seller',
  title: 'Rate a seller',
  description:
    'Rate the seller of a call that you paid for, once a call: 1 (useless) to 5 (just what was needed). Free.',
  inputSchema: {
    type: 'object',
    properties: {
      request_id: { type: 'string', maxLength: 100, description: 'From the answer of call_api' },
      stars: { type: 'integer', minimum: 1, maximum: 5 },
      comment: { type: 'string', maxLength: 1000 },
    },
    required: ['request_id', 'stars'],
    additionalProperties: false,
  },
  outputSchema: answerSchema(
    {
      seller: { type: 'string' },
      rating: {
        type: 'object',
        properties: { average: { type: 'number' }, count: { type: 'integer' } },
        required: ['average', 'count'],
      },
    },
    ['seller', 'rating'],
  ),
  needsAccount: true,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run(input, { gateway, caller }) {
    const rating = await gateway.rate(
      await caller(),
      input.request_id as string,
      input.stars as number,
      input.comment as string | undefined,
    );
    return { structured: { ...rating } };
  },
};
