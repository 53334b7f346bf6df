/** One call, and one description, of the same endpoint on two gateways side by side: with 20 endpoints, with 125,000. */

import { Client } from 'undici';

import { script, startChild } from '../child.js';
import type { BenchContext } from '../context.js';
import { startGatewayProcess, type GatewayProcess } from '../gateway-process.js';
import { interleave } from '../interleave.js';
import { postRpc, structuredContent, toolCall } from '../json-rpc.js';
import type { Figure, Measure } from '../measure.js';
import { smallCatalogue } from '../synthetic-catalogue.js';

export const oneEndpoint: Measure = { name: 'one-endpoint', run };

/** Among the first twenty of the sandbox, which every catalogue here holds; it needs no credential. */
const ENDPOINT = 'sandbox/echo-get';

async function run({ quick, large, say }: BenchContext): Promise<readonly Figure[]> {
  const catalogues = { small: await smallCatalogue(20), large: await large() };
  const upstream = await startChild(script(new URL('../opponents/upstream.ts', import.meta.url)), /^listening: (\S+)/);
  const start = ({ dir }: { readonly dir: string }) =>
    startGatewayProcess({ upstream: upstream.ready, catalogueDir: dir });
  const [small, big] = await Promise.all([start(catalogues.small), start(catalogues.large)]);
  const clients = { small: new Client(new URL(small.mcpUrl).origin), big: new Client(new URL(big.mcpUrl).origin) };
  const figures: Figure[] = [];
  for (const [what, tool, args] of [
    ['one call', 'call_api', { endpoint: ENDPOINT, arguments: {} }],
    ['one describe', 'describe_endpoint', { endpoint: ENDPOINT }],
  ] as const) {
    const body = toolCall(1, tool, args);
    const contenders = {
      small: () => timed(clients.small, small, body),
      large: () => timed(clients.big, big, body),
    };
    say(`${what}, on both`);
    await interleave(quick ? 30 : 200, contenders);
    const result = await interleave(quick ? 100 : 800, contenders);
    figures.push({
      measure: `${what}, ${catalogues.large.told}`,
      value: result.median('large'),
      unit: 'ms',
      against: { what: catalogues.small.told, value: result.median('small') },
      ratio: result.median('large') / result.median('small'),
      goal: { bound: 'at most', of: 'ratio', limit: 1.2 },
    });
  }
  await Promise.all([clients.small.destroy(), clients.big.destroy()]);
  await Promise.all([small.stop(), big.stop()]);
  await upstream.stop();
  return figures;
}

async function timed(client: Client, { mcpUrl, headers }: GatewayProcess, body: string): Promise<number> {
  const { origin, pathname } = new URL(mcpUrl);
  const startMs = performance.now();
  const text = await postRpc(client, { path: pathname, headers }, origin, body);
  const tookMs = performance.now() - startMs;
  structuredContent(text);
  return tookMs;
}
