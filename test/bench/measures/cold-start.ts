/**
 * From the start of the process to the first answer that needs the whole catalogue, a search through browse_apis, and
 * what the process then has in memory. The database is there already; the search index is what takes the time.
 */

import { Client } from 'undici';

import { residentMb } from '../child.js';
import type { BenchContext } from '../context.js';
import { startGatewayProcess } from '../gateway-process.js';
import { postRpc, structuredContent, toolCall } from '../json-rpc.js';
import type { Figure, Measure } from '../measure.js';
import { median } from '../quantile.js';
import { COMMITTED_CATALOGUE_DIR } from '../synthetic-catalogue.js';

export const coldStart: Measure = { name: 'cold-start', run };

async function run({ quick, large, say }: BenchContext): Promise<readonly Figure[]> {
  const { dir, told } = await large();
  const starts = { committed: [] as Start[], large: [] as Start[] };
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    say('the committed catalogue, then the large one');
    starts.committed.push(await start(COMMITTED_CATALOGUE_DIR));
    starts.large.push(await start(dir));
  }
  return [...figuresOf('the committed catalogue', starts.committed, false), ...figuresOf(told, starts.large, true)];
}

interface Start {
  readonly seconds: number;
  readonly residentMb: number | undefined;
}

async function start(catalogueDir: string): Promise<Start> {
  const gateway = await startGatewayProcess({ catalogueDir });
  const { origin, pathname } = new URL(gateway.mcpUrl);
  const client = new Client(origin);
  const body = toolCall(1, 'browse_apis', { query: 'weather forecast' });
  const text = await postRpc(client, { path: pathname, headers: {} }, origin, body);
  const seconds = (performance.now() - gateway.startedAtMs) / 1000;
  structuredContent(text);
  const resident = residentMb(gateway.pid);
  await client.destroy();
  await gateway.stop();
  return { seconds, residentMb: resident };
}

function figuresOf(what: string, starts: readonly Start[], judged: boolean): readonly Figure[] {
  const resident = starts.flatMap(({ residentMb }) => residentMb ?? []);
  const seconds: Figure = {
    measure: `cold start to the first answer, ${what}`,
    value: median(starts.map((each) => each.seconds)),
    unit: 's',
    ...(judged ? { goal: { bound: 'at most', of: 'value', limit: 1.5 } } : {}),
  };
  if (resident.length === 0) return [seconds];
  const memory: Figure = {
    measure: `resident then, ${what}`,
    value: median(resident),
    unit: 'MB',
    ...(judged ? { goal: { bound: 'at most', of: 'value', limit: 400 } } : {}),
  };
  return [seconds, memory];
}
