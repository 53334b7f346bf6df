/**
 * Brings the packages of `packages.ts` into the cache with npm, once. A file that is written last says that they are
 * whole: an installation that was interrupted is begun again. No script of theirs is run.
 */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { CACHE, PACKAGES } from './packages.js';
import { runChild } from './run-child.js';
import { stopAtExit } from './stop-at-exit.js';

const INSTALL_TIMEOUT_MS = 15 * 60_000;
const SAY_EVERY_MS = 15_000;
const MARKER = join(CACHE, 'brought.json');
const UNREACHABLE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b/;

/** The packages could not be brought. The message says what to do. */
export class NotBrought extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NotBrought';
  }
}

/** @throws NotBrought */
export async function bringPackages(say: (line: string) => void): Promise<void> {
  const wanted = JSON.stringify(PACKAGES);
  if ((await brought()) === wanted) {
    say(`${PACKAGES.join(', ')}: in ${CACHE}`);
    return;
  }
  say(`bringing ${PACKAGES.join(', ')} into ${CACHE} (500 MB on disk, once)`);
  await rm(CACHE, { recursive: true, force: true });
  await mkdir(CACHE, { recursive: true });

  const startedMs = performance.now();
  const clock = setInterval(() => say(`  still bringing them, ${secondsSince(startedMs)} s`), SAY_EVERY_MS);
  const forgetClock = stopAtExit(() => clearInterval(clock));
  try {
    const { code, output } = await runChild(...npm(), { timeoutMs: INSTALL_TIMEOUT_MS });
    if (code !== 0) throw notBrought(code, output);
  } finally {
    clearInterval(clock);
    forgetClock();
  }
  await writeFile(MARKER, wanted);
  say(`  brought in ${secondsSince(startedMs)} s`);
}

/** The npm that runs this script, where one does; else the one on the path. */
function npm(): [string, string[]] {
  const script = process.env.npm_execpath;
  const [command, before] = script === undefined ? ['npm', []] : [process.execPath, [script]];
  // The level is said, as `npm run --silent` would hand on its own, and then a failure had no words.
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1', '--loglevel=error'];
  return [command, [...before, 'install', '--prefix', CACHE, ...flags, ...PACKAGES]];
}

function notBrought(code: number | null, output: string): NotBrought {
  const unreachable = UNREACHABLE.exec(output)?.[0];
  if (unreachable !== undefined) {
    return new NotBrought(
      `npm cannot reach its registry (${unreachable}): connect to the network, or set npm's registry to one that can be ` +
        'reached (npm config set registry <url>), and run this again; npm test needs neither',
    );
  }
  if (/\bENOSPC\b/.test(output)) return new NotBrought(`${CACHE} needs 500 MB that the disk does not have: make room`);
  const end =
    code === null ? `did not end within ${String(INSTALL_TIMEOUT_MS / 60_000)} minutes` : `ended with ${code}`;
  return new NotBrought(`npm install ${end}: mend what it says and run this again\n${output.trim().slice(-2000)}`);
}

async function brought(): Promise<string | undefined> {
  try {
    return await readFile(MARKER, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

function secondsSince(startedMs: number): string {
  return ((performance.now() - startedMs) / 1000).toFixed(0);
}
