/**
 * The databases that every test of rows runs on: `for (const kind of STORES) describe(kind.name, …)`. SQLite always;
 * PostgreSQL where TEST_POSTGRES_URL names a server on which databases may be created. Each test gets an empty database
 * of its own.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

import pg from 'pg';

import { systemClock, type Clock } from '../../runtime/clock.js';
import { openStore } from '../../runtime/store/open-store.js';
import type { Store } from '../../runtime/store/store.js';

export interface StoreKind {
  readonly name: 'SQLite' | 'PostgreSQL';
  create(): Promise<TestDatabase>;
}

export interface TestDatabase {
  readonly url: string;
  /** Opens it, as a gateway does; more than once is as many gateways. */
  open(clock?: Clock): Promise<Store>;
  /** Deletes it. Its stores are closed before. */
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

function postgres(server: string): StoreKind {
  const administer = async (statement: string) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  return {
    name: 'PostgreSQL',
    create: async () => {
      const name = `tollgate_test_${randomBytes(8).toString('hex')}`;
      await administer(`CREATE DATABASE ${name}`);
      const url = new URL(server);
      url.pathname = `/${name}`;
      return database(url.href, () => administer(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

function database(url: string, remove: () => Promise<void>): TestDatabase {
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

const server = process.env['TEST_POSTGRES_URL'];

export const STORES: readonly StoreKind[] = server === undefined ? [sqlite] : [sqlite, postgres(server)];
