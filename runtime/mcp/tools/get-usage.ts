import type { UsageRequest } from '../../gateway.js';
import { GatewayError } from '../../gateway-error.js';
import { answerSchema, type Tool } from '../tool.js';

export const getUsage: Tool = {
  name: 'get_usage',
  title: 'Get usage',
  description:
    'What this account has called and paid, newest first or grouped. With request_id: that call’s stored answer and receipt ' +
    'again, free, for 24 hours; use it when an answer was lost.',
  inputSchema: {
    type: 'object',
    properties: {
      since: { type: 'string', maxLength: 40, description: 'Date or date-time (ISO 8601), inclusive' },
      until: { type: 'string', maxLength: 40, description: 'Exclusive' },
      group_by: { enum: ['endpoint', 'provider', 'day'] },
      request_id: { type: 'string', maxLength: 100 },
      cursor: { type: 'string', maxLength: 200 },
    },
    additionalProperties: false,
  },
  outputSchema: answerSchema(
    {
      rows: { type: 'array', items: { type: 'object', required: ['calls', 'failures', 'charged'] } },
      total: { type: 'object' },
      currency: { const: 'USDC' },
      next_cursor: { type: 'string' },
      status: { type: 'integer' },
      body: {},
      charged: { type: 'string' },
      request_id: { type: 'string' },
      receipt: { type: 'object' },
    },
    ['currency'],
  ),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run(input, { gateway, caller }) {
    const requestId = input.request_id as string | undefined;
    if (requestId !== undefined) {
      const other = Object.keys(input).find((name) => name !== 'request_id');
      if (other !== undefined) {
        const message = `request_id and ${other} do not go together`;
        throw new GatewayError(
          'INVALID_REQUEST',
          message,
          'send request_id alone for one stored answer, or leave it out',
        );
      }
      const { answer, bytes } = await gateway.storedCall(await caller(), requestId);
      return { structured: { ...answer }, ...(bytes === undefined ? {} : { bytes: { ...bytes, requestId } }) };
    }
    const usage = await gateway.usage(await caller(), {
      since: input.since as string | undefined,
      until: input.until as string | undefined,
      groupBy: input.group_by as UsageRequest['groupBy'],
      cursor: input.cursor as string | undefined,
    });
    return { structured: { ...usage } };
  },
};
