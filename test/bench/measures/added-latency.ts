/** What the gateway adds to one call at a time: its call of an endpoint against the same HTTP request sent directly. */

import { Client } from 'undici';

import { script, startChild } from '../child.js';
import type { BenchContext } from '../context.js';
import { startGatewayProcess } from '../gateway-process.js';
import { interleave } from '../interleave.js';
import { postRpc, structuredContent, toolCall } from '../json-rpc.js';
import type { Figure, Measure } from '../measure.js';
import { quantile } from '../quantile.js';

export const addedLatency: Measure = { name: 'added-latency', run };

async function run({ quick, say }: BenchContext): Promise<readonly Figure[]> {
  const calls = quick ? 200 : 1_000;
  const upstream = await startChild(script(new URL('../opponents/upstream.ts', import.meta.url)), /^listening: (\S+)/);
  const gateway = await startGatewayProcess({ upstream: upstream.ready });
  const { origin, pathname } = new URL(gateway.mcpUrl);
  const toGateway = new Client(origin);
  const toUpstream = new Client(upstream.ready);
  const body = toolCall(1, 'call_api', { endpoint: 'sandbox/get-product', arguments: { id: 'p-001' } });
  const contenders = {
    direct: async () => {
      const startMs = performance.now();
      const answer = await toUpstream.request({ path: '/products/p-001', method: 'GET' });
      await answer.body.text();
      return performance.now() - startMs;
    },
    gateway: async () => {
      const startMs = performance.now();
      const text = await postRpc(toGateway, { path: pathname, headers: gateway.headers }, origin, body);
      const tookMs = performance.now() - startMs;
      structuredContent(text);
      return tookMs;
    },
  };
  say('warming up');
  // Until the compiler has been over the whole path.
  await interleave(quick ? 50 : 2_000, contenders);
  say(`${calls} calls, one at a time`);
  const { figures } = await interleave(calls, contenders);
  await Promise.all([toGateway.destroy(), toUpstream.destroy()]);
  await gateway.stop();
  await upstream.stop();

  return [0.5, 0.95].map((q) => {
    const direct = quantile(figures.direct, q);
    const through = quantile(figures.gateway, q);
    return {
      measure: `latency added to one call, p${q * 100}`,
      value: through - direct,
      unit: 'ms',
      against: { what: `the direct request alone (through the gateway ${through.toFixed(2)} ms)`, value: direct },
      ...(q === 0.5 ? { goal: { bound: 'at most', of: 'value', limit: 5 } as const } : {}),
    };
  });
}
