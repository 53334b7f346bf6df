import { answerSchema, type Tool } from '../tool.js';

export const checkBalance: Tool = {
  name: 'check_balance',
  title: 'Check the balance',
  description: "What this account can spend, what open calls hold, the key's budget, and how to top up. Free.",
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  outputSchema: answerSchema(
    {
      available: { type: 'string', description: 'USDC' },
      held: { type: 'string', description: 'USDC reserved for calls that are under way' },
      currency: { const: 'USDC' },
      budget: { type: 'object' },
      how_to_deposit: { type: 'string' },
    },
    ['available', 'held', 'currency', 'how_to_deposit'],
  ),
  needsAccount: true,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async run(_input, { gateway, caller }) {
    return { structured: { ...(await gateway.balance(await caller())) } };
  },
};
