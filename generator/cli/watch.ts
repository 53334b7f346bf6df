/**
 * The program that the gateway runs beside itself for `serve --watch`: `watch SPECS SEED OUT` follows SPECS from the
 * catalogue in SEED, and writes the catalogues that come of it into numbered folders below OUT. It speaks to the gateway
 * alone, over the channel that it is started with, and ends when that closes.
 */

import { followSpecs } from '../watch/follow-specs.js';
import { LiveCatalogue } from '../watch/live-catalogue.js';
import { watchSpecsFolder } from '../watch/watch-specs-folder.js';
import { runInThreads } from './run-in-threads.js';

const [specsDir = '', seedDir = '', outDir = ''] = process.argv.slice(2);

process.on('disconnect', () => process.exit(0));
// A terminal sends its signals to the gateway too, which finishes its calls first and then closes the channel.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

const tell = (...told: readonly string[]): void => void process.send?.({ told });

await followSpecs({
  specsDir,
  watch: (onTouched) =>
    watchSpecsFolder(specsDir, onTouched, (message) => {
      tell(`${specsDir} is not watched whole: ${message}`);
    }),
  open: () => LiveCatalogue.open({ specsDir, seedDir, outDir, runAll: runInThreads(undefined) }),
  send: (message) => void process.send?.(message),
});
