/** `tollgate backup`: all that a gateway keeps, copied while it runs into a folder that a gateway can start with. */

import { Command } from 'commander';

import { readConfig, type Config } from '../config.js';
import { sqlitePath } from '../store/database-url.js';
import { isMissing } from '../store/is-missing.js';
import { refuseOrphanedLog } from '../store/refuse-orphaned-log.js';
import { print } from './output.js';
import { refuseNew } from './refuse-new.js';

export function backupCommand(): Command {
  return new Command('backup')
    .description('copy the database, the receipt key and the stored credentials, while a gateway runs too')
    .requiredOption('--out <dir>', 'a new folder; TOLLGATE_DATA_DIR may name it to restore what is in it')
    .option('--json', 'print JSON')
    .action(async (flags: { out: string; json?: boolean }) => {
      const config = readConfig();
      const path = sqlitePath(config.databaseUrl);
      if (path !== undefined && isMissing(path)) {
        refuseOrphanedLog(path);
        refuseNew(path);
      }
      const { backUp } = await import('../backup/back-up.js');
      const { files, dir } = await backUp(config, path, flags.out);
      const missing = keptElsewhere(config, files);
      print(flags.json, { dir, files, missing }, [
        `written to ${dir}, which holds secrets: ${files.join(', ') || 'nothing'}`,
        ...missing.map((what) => `not in it: ${what}`),
      ]);
    });
}

/** What a gateway needs beside the files, in words. */
function keptElsewhere(
  { databaseUrl, dataDir, receiptKey, vaultKey, credentialVariables }: Config,
  files: readonly string[],
): readonly string[] {
  const inEnvironment = [
    ...(receiptKey === undefined ? [] : ['TOLLGATE_RECEIPT_KEY']),
    ...(vaultKey === undefined ? [] : ['TOLLGATE_VAULT_KEY']),
    ...credentialVariables,
  ];
  return [
    ...(sqlitePath(databaseUrl) === undefined ? ['the database, which is PostgreSQL: back it up with pg_dump'] : []),
    ...(receiptKey === undefined && !files.includes('receipt.key')
      ? [`the receipt key, which is not in ${dataDir}: run this with the TOLLGATE_DATA_DIR of the gateway`]
      : []),
    ...inEnvironment.map((variable) => `${variable}, which is set in the environment`),
  ];
}
