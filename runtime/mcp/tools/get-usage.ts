import type { UsageRequest } from '../../gateway.js';
import { GatewayError } from '../../gateway-error.js';
import { callAnswer } from '../call-answer.js';
import { answerSchema, type Tool } from '../tool.js';

const OF_ONE_ANSWER: readonly string[] = ['request_id', 'select', 'range'];

export const getUsage: Tool = {
  name: 'get_usage',
  title: 'Get usage',
  description:
    'What this account has called and paid, newest first or grouped. With request_id: that call’s stored answer and receipt ' +
    'again, free, for 24 hours: an answer that was lost, or with select or range the rest of a preview.',
  inputSchema: {
    type: 'object',
    properties: {
      since: { type: 'string', maxLength: 40, description: 'Date or date-time (ISO 8601), inclusive' },
      until: { type: 'string', maxLength: 40, description: 'Exclusive' },
      group_by: { enum: ['endpoint', 'provider', 'day'] },
      request_id: { type: 'string', maxLength: 100 },
      select: { type: 'string', maxLength: 1000, description: 'With request_id: JMESPath, such as "items[100:200]"' },
      range: { type: 'string', maxLength: 30, description: 'With request_id: bytes of the body, such as "0-65535"' },
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
      next_range: { type: 'string' },
      charged: { type: 'string' },
      request_id: { type: 'string' },
      receipt: { type: 'object' },
    },
    ['currency'],
  ),
  needsAccount: true,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run(input, { gateway, caller, whole }) {
    const requestId = input.request_id as string | undefined;
    if (requestId !== undefined) {
      const other = Object.keys(input).find((name) => !OF_ONE_ANSWER.includes(name));
      if (other !== undefined) {
        const message = `request_id and ${other} do not go together`;
        throw new GatewayError(
          'INVALID_REQUEST',
          message,
          'send request_id, with select or range, for one stored answer, or leave it out',
        );
      }
      const shown = { select: input.select as string | undefined, range: input.range as string | undefined, whole };
      return callAnswer(await gateway.storedCall(await caller(), requestId, shown));
    }
    if (input.select !== undefined || input.range !== undefined) {
      const message = 'select and range are of one stored answer';
      throw new GatewayError('INVALID_REQUEST', message, 'send the request_id of the answer with them');
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
