/**
 * Paid calls a second with 64 callers at once: authenticated, validated, held, sent, captured, receipt signed, durable.
 * Beside it, on the same upstream: a bare proxy, which is what HTTP and JSON cost alone; the least that a paid call can
 * be, with a signed receipt and two durable rows; and one unmetered tool by the MCP SDK's stateless pattern, as its example
 * has it and slimmed. Every process is one of its own; the callers are the bench.
 *
 * Beside them the same calls with an idempotency key each. Where the time goes is seen by leaving out: a dry run is the
 * same call without the upstream and without a write to the books, and a description is MCP and HTTP with next to nothing
 * behind them.
 */

import { processorMs, script, startChild, type Child } from '../child.js';
import type { BenchContext } from '../context.js';
import { BENCH_CREDIT_USDC, startGatewayProcess } from '../gateway-process.js';
import { interleave } from '../interleave.js';
import { structuredContent, toolCall } from '../json-rpc.js';
import { load, type LoadOptions } from '../load.js';
import type { Figure, Measure } from '../measure.js';
import { temporaryDirectory } from '../temporary-directory.js';
import { verifyCalls } from '../verify-calls.js';

const AT_ONCE = 64;
const PRICE_USDC = '0.001000';
const ENDPOINT = 'sandbox/get-product';

export const paidCalls: Measure = { name: 'paid-calls', run };

async function run({ quick, profileDir, say }: BenchContext): Promise<readonly Figure[]> {
  const rounds = quick ? 2 : 5;
  const forMs = quick ? 800 : 2_500;
  const upstream = await startChild(script(new URL('../opponents/upstream.ts', import.meta.url)), READY);
  const opponent = (name: string, ...more: readonly string[]) =>
    startChild([...script(new URL(`../opponents/${name}.ts`, import.meta.url)), upstream.ready, ...more], READY);
  const [gateway, proxy, least, example, slim] = await Promise.all([
    startGatewayProcess({ upstream: upstream.ready, profileDir }),
    opponent('bare-proxy'),
    opponent('least-paid-call', temporaryDirectory()),
    opponent('sdk-example'),
    opponent('sdk-slim'),
  ]);
  const paid: string[] = [];
  const gatewayRound = async (ms: number, body = paidCall): Promise<number> => {
    const { answers, callsPerSecond } = await load({ ...loadOf(gateway.mcpUrl, gateway.headers, ms), body });
    paid.push(...answers);
    return callsPerSecond;
  };
  /** The gateway at what costs nothing, to see what the rest costs. */
  const freeRound = async (body: (id: number) => string): Promise<number> => {
    const { answers, callsPerSecond } = await load({ ...loadOf(gateway.mcpUrl, gateway.headers, forMs), body });
    answers.forEach(structuredContent);
    return callsPerSecond;
  };
  let proxied = 0;
  const opponentRound = async ({ ready }: Child, ms = forMs): Promise<number> => {
    const { answers, callsPerSecond } = await load(loadOf(`${ready}/mcp`, {}, ms));
    answers.forEach(structuredContent);
    if (ready === proxy.ready) proxied += answers.length;
    return callsPerSecond;
  };
  say('warming up');
  // By calls, not by time: what is not compiled yet is many times slower, a busy machine makes few calls a second, and
  // the compiler is at work beside the gateway, on the same cores, for its first ten thousand.
  const warmUpCalls = quick ? 100 : 12_000;
  while (paid.length < warmUpCalls) await gatewayRound(1_000);
  for (const each of [proxy, least, example, slim]) await opponentRound(each, quick ? 1_000 : 3_000);
  await freeRound(dryRun);
  await freeRound(describe);
  const warm = { paid: paid.length, proxied, gateway: processorMs(gateway.pid), proxy: processorMs(proxy.pid) };
  say(`${rounds} rounds of ${forMs} ms each`);
  const result = await interleave(rounds, {
    gateway: () => gatewayRound(forMs),
    proxy: () => opponentRound(proxy),
    least: () => opponentRound(least),
    example: () => opponentRound(example),
    slim: () => opponentRound(slim),
  });
  const used = { paid: paid.length, proxied, gateway: processorMs(gateway.pid), proxy: processorMs(proxy.pid) };
  let keys = 0;
  const parts = await interleave(rounds, {
    keyed: () => gatewayRound(forMs, (id) => paidCall(id, { idempotency_key: `bench ${(keys += 1)}` })),
    dryRun: () => freeRound(dryRun),
    describe: () => freeRound(describe),
    proxy: () => opponentRound(proxy),
  });
  say(`verifying ${paid.length} receipts and the books`);
  verifyCalls(paid, { price: PRICE_USDC, credit: BENCH_CREDIT_USDC });
  await Promise.all([gateway, proxy, least, example, slim].map((each) => each.stop()));
  await upstream.stop();

  const paidFigure = (against: 'proxy' | 'least' | 'example' | 'slim', what: string): Figure => ({
    measure: `paid calls, ${AT_ONCE} at once`,
    value: result.median('gateway'),
    unit: 'calls/s',
    against: { what, value: result.median(against) },
    ratio: result.ratio('gateway', against),
  });
  const figures: Figure[] = [
    {
      ...paidFigure('proxy', BARE_PROXY),
      goal: { bound: 'at least', of: 'ratio', limit: 0.35 },
      note: `${paid.length} calls, each charged with a receipt; the books hold`,
    },
    {
      ...paidFigure('example', "MCP SDK's stateless example, unmetered"),
      goal: { bound: 'at least', of: 'ratio', limit: 2.5 },
    },
    paidFigure('slim', 'the same without Express, Zod and event streams'),
    paidFigure('least', 'the proxy with a signed receipt and two durable rows'),
    {
      measure: 'the proxy with a signed receipt and two durable rows',
      value: result.median('least'),
      unit: 'calls/s',
      against: { what: BARE_PROXY, value: result.median('proxy') },
      ratio: result.ratio('least', 'proxy'),
    },
  ];
  for (const [part, what] of PARTS) {
    figures.push({
      measure: what,
      value: parts.median(part),
      unit: 'calls/s',
      against: { what: BARE_PROXY, value: parts.median('proxy') },
      ratio: parts.ratio(part, 'proxy'),
    });
  }
  if (used.gateway === undefined || used.proxy === undefined) return figures;
  const value = (used.gateway - warm.gateway!) / (used.paid - warm.paid);
  const proxyValue = (used.proxy - warm.proxy!) / (used.proxied - warm.proxied);
  const measure = 'processor time of a paid call';
  const against = { what: BARE_PROXY, value: proxyValue };
  return [...figures, { measure, value, unit: 'ms', against, ratio: value / proxyValue }];
}

const BARE_PROXY = 'bare node:http + undici proxy';

const READY = /^listening: (\S+)/;

/** What a paid call can have besides, and what can be left out of it. */
const PARTS = [
  ['keyed', 'the same, each with an idempotency key'],
  ['dryRun', 'the same as a dry run: no upstream, and no write to the books'],
  ['describe', 'describe_endpoint: MCP and HTTP, and little behind them'],
] as const;

function productOf(id: number): string {
  return `p-${String(id % 1000).padStart(3, '0')}`;
}

function paidCall(id: number, more: Readonly<Record<string, unknown>> = {}): string {
  return toolCall(id, 'call_api', { endpoint: ENDPOINT, arguments: { id: productOf(id) }, ...more });
}

function dryRun(id: number): string {
  return paidCall(id, { dry_run: true });
}

function describe(id: number): string {
  return toolCall(id, 'describe_endpoint', { endpoint: ENDPOINT });
}

function loadOf(url: string, headers: Readonly<Record<string, string>>, forMs: number): LoadOptions {
  const { origin, pathname } = new URL(url);
  return {
    origin,
    path: pathname,
    headers,
    atOnce: AT_ONCE,
    forMs,
    body: (id) => paidCall(id),
  };
}
