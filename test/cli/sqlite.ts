/** Statements on a database file behind the gateway's back: what a careless or malicious operator could do. */

import knex from 'knex';

export async function runSql(
  file: string,
  ...statements: readonly string[]
): Promise<readonly Record<string, unknown>[]> {
  const database = knex({ client: 'sqlite3', connection: { filename: file }, useNullAsDefault: true });
  try {
    let rows: readonly Record<string, unknown>[] = [];
    for (const statement of statements) rows = await database.raw<readonly Record<string, unknown>[]>(statement);
    return rows;
  } finally {
    await database.destroy();
  }
}

/** Takes the triggers away that refuse what follows. */
export async function dropTriggers(file: string): Promise<void> {
  const triggers = await runSql(file, "SELECT name FROM sqlite_master WHERE type = 'trigger'");
  await runSql(file, ...triggers.map(({ name }) => `DROP TRIGGER "${String(name)}"`));
}
