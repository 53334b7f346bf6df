/**
 * From the start of the process to its first answer, of the last endpoint of the catalogue, and to its first search; and
 * what the process then has in memory. The database is there already. The first start with a large catalogue indexes it,
 * beside answering; a later start finds the index in the data directory.
 */

import { Client } from 'undici';

import { Catalogue } from '../../../runtime/catalogue/catalogue.js';
import { residentMb } from '../child.js';
import type { BenchContext } from '../context.js';
import { startGatewayProcess } from '../gateway-process.js';
import { postRpc, structuredContent, toolCall } from '../json-rpc.js';
import type { Figure, Measure } from '../measure.js';
import { median } from '../quantile.js';
import { COMMITTED_CATALOGUE_DIR } from '../synthetic-catalogue.js';
import { temporaryDirectory } from '../temporary-directory.js';

export const coldStart: Measure = { name: 'cold-start', run };

async function run({ quick, large, say }: BenchContext): Promise<readonly Figure[]> {
  const { dir, told } = await large();
  const starts = { committed: [] as Start[], first: [] as Start[], later: [] as Start[] };
  for (let round = 0; round < (quick ? 1 : 3); round++) {
    say('the committed catalogue, then the large one twice');
    starts.committed.push(await start(COMMITTED_CATALOGUE_DIR, temporaryDirectory()));
    const dataDir = temporaryDirectory();
    starts.first.push(await start(dir, dataDir));
    starts.later.push(await start(dir, dataDir));
  }
  return [
    ...figuresOf('the committed catalogue', starts.committed, false),
    ...figuresOf(`${told}, the first start with them`, starts.first, true),
    ...figuresOf(`${told}, a later start`, starts.later, true),
  ];
}

interface Start {
  readonly answerSeconds: number;
  readonly searchSeconds: number;
  readonly residentMb: number | undefined;
}

async function start(catalogueDir: string, dataDir: string): Promise<Start> {
  const last = (await Catalogue.open(catalogueDir)).entries.at(-1)!;
  const gateway = await startGatewayProcess({ catalogueDir, dataDir });
  const { origin, pathname } = new URL(gateway.mcpUrl);
  const client = new Client(origin);
  const secondsTo = async (tool: string, args: Readonly<Record<string, string>>): Promise<number> => {
    const text = await postRpc(client, { path: pathname, headers: {} }, origin, toolCall(1, tool, args));
    const seconds = (performance.now() - gateway.startedAtMs) / 1000;
    structuredContent(text);
    return seconds;
  };
  const answerSeconds = await secondsTo('describe_endpoint', { endpoint: last.id });
  const searchSeconds = await secondsTo('browse_apis', { query: 'weather forecast' });
  const resident = residentMb(gateway.pid);
  await client.destroy();
  await gateway.stop();
  return { answerSeconds, searchSeconds, residentMb: resident };
}

function figuresOf(what: string, starts: readonly Start[], judged: boolean): readonly Figure[] {
  const figure = (measure: string, unit: string, values: readonly number[], limit?: number): Figure => ({
    measure: `${measure}, ${what}`,
    value: median(values),
    unit,
    ...(judged && limit !== undefined ? { goal: { bound: 'at most', of: 'value', limit } } : {}),
  });
  const resident = starts.flatMap(({ residentMb }) => residentMb ?? []);
  return [
    figure(
      'cold start to the first answer',
      's',
      starts.map(({ answerSeconds }) => answerSeconds),
      1.5,
    ),
    figure(
      'cold start to the first search',
      's',
      starts.map(({ searchSeconds }) => searchSeconds),
    ),
    ...(resident.length === 0 ? [] : [figure('resident then', 'MB', resident, 400)]),
  ];
}
