/**
 * `tollgate ledger check`: recomputes every balance from the transfers, and whatever else must hold, also of stored
 * answers, of the file of SQLite and of the triggers.
 */

import { Command } from 'commander';

import { areSound } from '../ledger/are-sound.js';
import { checkFile } from '../ledger/check-file.js';
import { checkGuards } from '../ledger/check-guards.js';
import { isDamage } from '../store/store-fault.js';
import { print } from './output.js';
import { withBooks } from './with-books.js';

export function ledgerCommand(): Command {
  const ledger = new Command('ledger').description('the books');
  ledger
    .command('check')
    .description('check every invariant of the books; exit 1 where one does not hold')
    .option('--json', 'print JSON')
    .action(async (flags: { json?: boolean }) => {
      const results = await withBooks(async ({ store, ledger }) => {
        const file = await checkFile(store);
        try {
          return [...(await ledger.check()), ...file, await checkGuards(store), await ledger.checkAnswers()];
        } catch (error) {
          // Of a file that is damaged the rest may not be readable.
          if (areSound(file) || !isDamage(error)) throw error;
          return file;
        }
      });
      const sound = areSound(results);
      const lines = results.flatMap(({ invariant, violations }) => [
        `${violations.length === 0 ? 'holds ' : 'BROKEN'}  ${invariant}`,
        ...violations.slice(0, 10).map((violation) => `        ${violation}`),
        ...(violations.length > 10 ? [`        and ${violations.length - 10} more`] : []),
      ]);
      print(flags.json, { sound, results }, [...lines, sound ? 'the books are sound' : 'the books are NOT sound']);
      if (!sound) process.exitCode = 1;
    });
  return ledger;
}
