/**
 * What one provider's trouble does to another's calls: the 99th percentile of calls to a sound provider, eight at once,
 * while 32 callers keep calling one that is stuck, slow or floods, against the same without them. The rounds of both
 * alternate in one run, on one gateway for each trouble.
 */

import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';

import { Pool } from 'undici';

import { script, startChild } from '../child.js';
import type { BenchContext } from '../context.js';
import { startGatewayProcess } from '../gateway-process.js';
import { interleave } from '../interleave.js';
import { postRpc, structuredContent, toolCall } from '../json-rpc.js';
import type { Figure, Measure } from '../measure.js';
import { quantile } from '../quantile.js';

export const isolation: Measure = { name: 'isolation', run };

const TROUBLES = ['stuck', 'slow', 'flooding'] as const;
const CALLERS = 8;
const TROUBLED_CALLERS = 32;
/**
 * The callers begin one after the other over this time, which is what the slow one takes for an answer: were they all to
 * begin at once, they would all be answered at once, again and again, and that is what callers do and not the provider.
 */
const BEGINNING_MS = 2_000;

async function run(context: BenchContext): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const trouble of TROUBLES) figures.push(await besides(trouble, context));
  return figures;
}

async function besides(trouble: (typeof TROUBLES)[number], { quick, say }: BenchContext): Promise<Figure> {
  const sound = await startChild(script(new URL('../opponents/upstream.ts', import.meta.url)), /^listening: (\S+)/);
  const troubled = await startChild(
    [...script(new URL('../opponents/troubled.ts', import.meta.url)), trouble],
    /^listening: (\S+)/,
  );
  const gateway = await startGatewayProcess({
    upstream: sound.ready,
    others: { TOLLGATE_UPSTREAM_OPEN_METEO: troubled.ready, TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'sandbox,open-meteo' },
  });
  const { origin, pathname } = new URL(gateway.mcpUrl);
  const target = { path: pathname, headers: gateway.headers };
  const pool = new Pool(origin, { connections: CALLERS, pipelining: 1 });
  const good = toolCall(1, 'call_api', { endpoint: 'sandbox/get-product', arguments: { id: 'p-001' } });
  const bad = toolCall(1, 'call_api', {
    endpoint: 'open-meteo/get-forecast',
    arguments: { latitude: 52.5, longitude: 13.4 },
  });
  const p99 = async (calls: number): Promise<number> => {
    const times: number[] = [];
    const caller = async (): Promise<void> => {
      while (times.length < calls) {
        const startMs = performance.now();
        const text = await postRpc(pool, target, origin, good);
        times.push(performance.now() - startMs);
        structuredContent(text);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    return quantile(times, 0.99);
  };
  const calls = quick ? 200 : 1_000;
  // What has stood still is slower at first, and while the troubled callers begin nobody else calls: the first calls of a
  // round count for nothing, with and without them.
  const round = async (): Promise<number> => {
    await p99(calls / 10);
    return p99(calls);
  };
  say(`${trouble}: warming up`);
  await p99(calls);
  const rounds = await interleave(quick ? 2 : 30, {
    alone: round,
    beside: async () => {
      const callers = startTroubled(origin, target, bad);
      await setTimeout(BEGINNING_MS);
      const figure = await round();
      await callers.stop();
      return figure;
    },
  });
  await pool.destroy();
  await troubled.stop();
  await gateway.stop();
  await sound.stop();
  return {
    measure: `p99 of calls to a provider beside one that is ${trouble}`,
    value: rounds.median('beside'),
    unit: 'ms',
    against: { what: 'the same without that one', value: rounds.median('alone') },
    ratio: rounds.ratio('beside', 'alone'),
    goal: { bound: 'at most', of: 'ratio', limit: 1.2 },
  };
}

/** Callers of the provider in trouble, until they are stopped; a call that is under way then is broken off. */
function startTroubled(
  origin: string,
  target: Parameters<typeof postRpc>[1],
  body: string,
): { readonly stop: () => Promise<void> } {
  const pool = new Pool(origin, { connections: TROUBLED_CALLERS, pipelining: 1 });
  const stopping = new AbortController();
  setMaxListeners(TROUBLED_CALLERS, stopping.signal);
  const pause = (ms: number) => setTimeout(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  const caller = async (_: unknown, index: number): Promise<void> => {
    await pause((index / TROUBLED_CALLERS) * BEGINNING_MS);
    while (!stopping.signal.aborted) {
      const text = await postRpc(pool, target, origin, body).catch(() => '');
      // A caller that is refused asks again when it is told to.
      const [, seconds] = /"retry_after_seconds":(\d+)/.exec(text) ?? [];
      if (seconds !== undefined) await pause(Number(seconds) * 1_000);
    }
  };
  const callers = Promise.all(Array.from({ length: TROUBLED_CALLERS }, caller));
  return {
    stop: async () => {
      stopping.abort();
      await pool.destroy();
      await callers;
    },
  };
}
