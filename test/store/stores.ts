/**
 * The databases that every test of rows runs on: `for (const kind of STORES) describe(kind.name, …)`. The test run starts
 * its own PostgreSQL with the first test that needs it, and stops it at its end; TEST_POSTGRES_URL names another server,
 * on which databases may be created. Each test gets an empty database that nobody else uses.
 */

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';

import { systemClock, type Clock } from '../../runtime/clock.js';
import { openStore } from '../../runtime/store/open-store.js';
import type { Store } from '../../runtime/store/store.js';
import { startPostgres, type PostgresServer } from './postgres-server.js';

export interface StoreKind {
  readonly name: 'SQLite' | 'PostgreSQL';
  create(): Promise<TestDatabase>;
}

export interface TestDatabase {
  readonly url: string;
  /** Opens it, as a gateway does; more than once is as many gateways. */
  open(clock?: Clock): Promise<Store>;
  /** Closes its stores and deletes what is in it. */
  drop(): Promise<void>;
}

const sqlite: StoreKind = {
  name: 'SQLite',
  create: () => {
    const directory = mkdtempSync(join(tmpdir(), 'tollgate-store-'));
    return Promise.resolve(
      database(`sqlite:${join(directory, 'test.db')}`, () => {
        rmSync(directory, { recursive: true });
        return Promise.resolve();
      }),
    );
  },
};

/** To create and to drop a database takes PostgreSQL a second of flushes; to empty one takes a few milliseconds. */
const emptied: string[] = [];

const postgres: StoreKind = {
  name: 'PostgreSQL',
  create: async () => {
    const url = emptied.pop() ?? (await newDatabase());
    return database(url, async () => {
      await run(url, [
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
        'DROP SCHEMA public CASCADE',
        'CREATE SCHEMA public',
      ]);
      emptied.push(url);
    });
  },
};

let started: Promise<PostgresServer> | undefined;
const made: string[] = [];

async function newDatabase(): Promise<string> {
  const server = await serverUrl();
  const name = `tollgate_test_${randomBytes(8).toString('hex')}`;
  await run(server, [`CREATE DATABASE ${name}`]);
  made.push(name);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function serverUrl(): Promise<string> {
  const given = process.env['TEST_POSTGRES_URL'];
  if (given !== undefined) return given;
  started ??= startPostgres();
  return (await started).url;
}

async function run(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** The last hook of the run, whatever has failed before it. */
after(async function () {
  this.timeout(60_000);
  if (started !== undefined) return (await started).stop();
  for (const name of made) await run(await serverUrl(), [`DROP DATABASE ${name} WITH (FORCE)`]);
});

/** A database that is there already, and what deletes it. */
export function database(url: string, remove: () => Promise<void>): TestDatabase {
  const opened: Store[] = [];
  return {
    url,
    open: async (clock = systemClock) => {
      const store = await openStore({ url, clock });
      opened.push(store);
      return store;
    },
    drop: async () => {
      await Promise.all(opened.map((store) => store.close()));
      await remove();
    },
  };
}

export const STORES: readonly StoreKind[] = [sqlite, postgres];
