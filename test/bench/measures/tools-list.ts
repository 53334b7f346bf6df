/** How much of an agent's context the tools take: the bytes of the answer to `tools/list`, as they are sent. */

import { Client } from 'undici';

import type { BenchContext } from '../context.js';
import { startGatewayProcess } from '../gateway-process.js';
import { postRpc, rpc } from '../json-rpc.js';
import type { Figure, Measure } from '../measure.js';

export const toolsList: Measure = { name: 'tools-list', run };

async function run({ say }: BenchContext): Promise<readonly Figure[]> {
  say('asking for the tools');
  const gateway = await startGatewayProcess();
  const { origin, pathname } = new URL(gateway.mcpUrl);
  const client = new Client(origin);
  const text = await postRpc(client, { path: pathname, headers: {} }, origin, rpc(1, 'tools/list', {}));
  await client.destroy();
  await gateway.stop();
  const { result } = JSON.parse(text) as { readonly result: { readonly tools: readonly unknown[] } };
  return [
    {
      measure: `tools/list, ${result.tools.length} tools`,
      value: Buffer.byteLength(text) / 1024,
      unit: 'KB',
      goal: { bound: 'at most', of: 'value', limit: 10 },
    },
  ];
}
