/**
 * A gateway as a process of its own, as an operator runs it: real HTTP, SQLite on disk, one account with plenty of
 * credit. Its sandbox provider is pointed at the bench's upstream, so that no part of an upstream runs within it.
 */

import { join } from 'node:path';

import { runChild, startChild } from './child.js';
import { temporaryDirectory } from './temporary-directory.js';
import { tollgateCommand } from './tollgate-command.js';

export interface GatewayOptions {
  /** The bench's upstream; without it the gateway runs its own sandbox. */
  readonly upstream?: string;
  /** More variables of its environment. */
  readonly others?: Readonly<Record<string, string>>;
  readonly catalogueDir?: string;
  readonly profileDir?: string;
  /** Where the gateway keeps its data; left out, in a folder of its own. */
  readonly dataDir?: string;
}

export interface GatewayProcess {
  readonly mcpUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds on `performance.now()` when the process was started. */
  readonly startedAtMs: number;
  readonly pid: number;
  /** Stops the gateway, then checks its books: an invariant that does not hold is an error. */
  stop(): Promise<void>;
}

export const BENCH_CREDIT_USDC = '1000000';

/** Starts a gateway on a new database; resolves when it listens. */
export async function startGatewayProcess(options: GatewayOptions = {}): Promise<GatewayProcess> {
  const { args } = tollgateCommand();
  const env = environment(options);
  const create = ['account', 'create', '--name', 'bench', '--credit', BENCH_CREDIT_USDC, '--json'];
  const account = JSON.parse(await runChild([...args, ...create], { env })) as { readonly apiKey: string };

  const profile = options.profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profileDir}`];
  const startedAtMs = performance.now();
  const child = await startChild([...profile, ...args, 'serve'], /listening: (\S+)/, { env });
  return {
    mcpUrl: child.ready,
    headers: { authorization: `Bearer ${account.apiKey}` },
    startedAtMs,
    pid: child.pid,
    stop: async () => {
      await child.stop();
      await runChild([...args, 'ledger', 'check', '--json'], { env });
    },
  };
}

function environment({
  upstream,
  others = {},
  catalogueDir,
  dataDir: dir = temporaryDirectory(),
}: GatewayOptions): Readonly<Record<string, string>> {
  return {
    PORT: '0',
    TOLLGATE_DATA_DIR: dir,
    DATABASE_URL: `sqlite:${join(dir, 'tollgate.db')}`,
    ...(upstream === undefined
      ? {}
      : { TOLLGATE_UPSTREAM_SANDBOX: upstream, TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'sandbox' }),
    ...(catalogueDir === undefined ? {} : { TOLLGATE_CATALOGUE: catalogueDir }),
    ...others,
  };
}
