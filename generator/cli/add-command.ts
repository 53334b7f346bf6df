/**
 * `add`: brings one document into `specs/<id>/`, byte for byte, with the files that it refers to and a provider.yaml to
 * fill in. It is read and checked where it is, so that what cannot be generated never shows up under `specs/`; what is
 * written appears there at once and whole.
 */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../emit/make-folder.js';
import { loadDocument, type LoadedDocument } from '../load/load-document.js';
import { cleanLine, MAX_LENGTH } from '../normalize/clean-text.js';
import { normalize } from '../normalize/normalize.js';
import type { NormalizedDocument } from '../normalize/normalized-document.js';
import { credentialVariable } from '../normalize/provider-variable.js';
import { count } from '../report/count.js';
import { Findings, SpecError } from '../report/findings.js';
import { position } from '../report/terminal-report.js';
import { visible } from '../report/visible.js';
import { isProviderId } from '../settings/discover-providers.js';
import { fetchDocument, fetchReferenced, isWebPage } from './fetch-document.js';
import { missingFiles } from './missing-files.js';
import { nextSteps } from './next-steps.js';
import { providerSkeleton } from './provider-skeleton.js';

/** What one document may be made of. */
const MOST_FILES = 500;

export interface AddFlags {
  readonly id?: string;
  readonly specs: string;
  readonly json?: boolean;
}

/** The exit code 0; throws an Error where the document cannot be read or is refused, or where the provider is there. */
export async function addCommand(source: string, flags: AddFlags): Promise<number> {
  const { specs } = flags;
  if (specs !== 'specs' && !existsSync(specs)) {
    throw new Error(`the folder ${specs} is not there: create it, or correct --specs`);
  }
  if (flags.id !== undefined) refuseTaken(flags.id, specs);

  const findings = new Findings();
  const url = /^https?:\/\//i.test(source) ? new URL(source) : undefined;
  const loaded = await (url === undefined ? loadFile(source, findings) : loadUrl(url, findings));
  const { info } = loaded.document as { readonly info?: { readonly title?: unknown } };
  const id = flags.id ?? idFromTitle(cleanLine(info?.title, MAX_LENGTH.title), source);
  refuseTaken(id, specs);
  const document = normalize(loaded, id, findings);
  const [refusal] = findings.refused;
  if (refusal !== undefined) throw new SpecError(refusal, refusal.rule, refusal.message, refusal.remedy);

  const said = Object.keys(document.extension ?? {});
  const { server, hostless = 0 } = said.includes('server') ? {} : serverOf(document, url);
  // What the warning asks for has been done.
  const warnings = findings.warnings.filter(({ rule }) => !(server !== undefined && rule === 'relative-server'));
  const skeleton = providerSkeleton({
    id,
    title: cleanLine(document.title, MAX_LENGTH.title) || id,
    categories: [],
    securitySchemes: document.securitySchemes,
    ...(server !== undefined && { server }),
    hostless,
    operations: document.operations.length,
    said,
  });
  const files = [...filesOf(loaded), { file: 'provider.yaml', bytes: Buffer.from(skeleton) }];
  await writeProvider(join(specs, id), files);

  const written = files.map(({ file }) => join(specs, id, file));
  if (flags.json === true) {
    const variables = Object.keys(document.securitySchemes).map((scheme) => credentialVariable(id, scheme));
    const { losses } = findings;
    console.log(
      JSON.stringify({ id, files: written, operations: document.operations.length, variables, losses, warnings }),
    );
    return 0;
  }
  for (const row of warnings) console.error(visible(`warning: ${row.message} (${position(row)}) → ${row.remedy}`));
  for (const row of findings.losses) {
    console.error(visible(`loss: ${row.endpoint}: ${row.what}: ${row.why} → ${row.remedy}`));
  }
  if (url !== undefined && warnings.some(({ rule }) => rule === 'dangling-ref')) {
    console.error(
      `what it refers to in other files was not fetched: put them into ${join(specs, id)} by the same names`,
    );
  }
  if (document.extension !== undefined) {
    console.error('the document brings x-tollgate settings of its own (prices, servers, credentials): read them first');
  }
  const settingsFile = join(specs, id, 'provider.yaml');
  console.log(
    [
      `added ${id}: ${count(document.operations.length, 'operation')}`,
      ...written.map((file) => `  ${file}`),
      'next:',
      ...nextSteps({ id, document, settingsFile, specs, hostless }),
    ]
      .map(visible)
      .join('\n'),
  );
  return 0;
}

function refuseTaken(id: string, specs: string): void {
  if (!isProviderId(id)) {
    throw new Error(
      `${JSON.stringify(id)} cannot be a provider's id: name one of at most 64 of [a-z0-9._-], with a letter or digit first, with --id`,
    );
  }
  for (const taken of [id, `${id}.yaml`, `${id}.yml`, `${id}.json`]) {
    if (existsSync(join(specs, taken))) {
      throw new Error(`${join(specs, taken)} is there already: remove it first, or name another --id`);
    }
  }
}

/** References of a document lead as far as its own folder reaches. */
async function loadFile(source: string, findings: Findings): Promise<LoadedDocument> {
  const bytes = await readFile(source).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EISDIR') throw error;
    const fault = code === 'ENOENT' ? 'is not there' : 'is a folder';
    throw new Error(`${source} ${fault}: name the document itself, or a URL with https://`, { cause: error });
  });
  if (isWebPage(bytes)) throw new Error(`${source} is a web page, not an API document: download the document itself`);
  const folder = dirname(source);
  const from = { provider: basename(source), specsDir: folder, file: basename(source), root: '.' };
  return loadDocument(from, { allowRemoteRefs: false }, findings).catch((error: unknown) => {
    throw namingSource(error, join(folder, '/'));
  });
}

/** The files that the document refers to by relative references are fetched from beside it. */
async function loadUrl(named: URL, findings: Findings): Promise<LoadedDocument> {
  const { bytes, url, origins } = await fetchDocument(named);
  const folder = await mkdtemp(join(tmpdir(), 'tollgate-add-'));
  try {
    const file = documentName(basename(url.pathname), bytes);
    await writeFile(join(folder, file), bytes);
    const from = { provider: url.hostname, specsDir: folder, file, root: '.' };
    const asked = new Set<string>();
    for (;;) {
      const found = new Findings();
      const loaded = await loadDocument(from, { allowRemoteRefs: false }, found);
      const wanted = missingFiles(loaded.document, file).filter((path) => !asked.has(path));
      if (wanted.length === 0) {
        findings.warnings.push(...found.warnings);
        return loaded;
      }
      for (const path of wanted) {
        asked.add(path);
        if (asked.size > MOST_FILES) {
          throw new Error(`${url.href} refers to more than ${String(MOST_FILES)} files: bundle it into one first`);
        }
        const beside = await fetchReferenced(new URL(path, url), origins);
        if (beside === undefined) continue;
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), beside);
      }
    }
  } catch (error) {
    throw namingSource(error, `${url.href} as `);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same error with a place that says where the file came from. */
function namingSource(error: unknown, prefix: string): unknown {
  if (!(error instanceof SpecError)) return error;
  const place = { ...error.place, file: prefix + error.place.file };
  return new SpecError(place, error.rule, error.message, error.remedy);
}

/** What goes into the provider's folder: the document under its new name, and what it refers to under the old ones. */
function filesOf({ files }: LoadedDocument): readonly { readonly file: string; readonly bytes: Uint8Array }[] {
  const [root, ...others] = files;
  if (root === undefined) return [];
  const reserved = others.find(({ file }) => /^(openapi|provider|overlay)\.(ya?ml|json)$/.test(file));
  if (reserved !== undefined) {
    throw new Error(`${root.file} refers to ${reserved.file}, a name that has a meaning in specs/: rename that file`);
  }
  const name = documentName(root.file, root.bytes);
  const document = [{ file: name, bytes: root.bytes }];
  // Other files may refer back to the document by the name that it had.
  const refersBack = others.some(({ bytes }) => Buffer.from(bytes).includes(root.file));
  return [...document, ...(refersBack && root.file !== name ? [root] : []), ...others];
}

/** Its own name where that is one that a provider's document can have, so that references back to it still hold. */
function documentName(name: string, bytes: Uint8Array): string {
  if (/^openapi\.(ya?ml|json)$/.test(name)) return name;
  const start = Buffer.from(bytes.subarray(0, 1_000)).toString('utf8');
  return /^\uFEFF?\s*[{[]/.test(start) ? 'openapi.json' : 'openapi.yaml';
}

/**
 * The server to write down: what a relative one of the document means at its URL, where all operations have that one.
 * Where there is none to write, the number of operations whose server names no host.
 */
function serverOf(
  { operations }: NormalizedDocument,
  url: URL | undefined,
): { readonly server?: string; readonly hostless?: number } {
  const servers = new Set(operations.map((operation) => operation.server));
  const relative = operations.filter(({ server }) => !/^https?:/i.test(server));
  const [first] = relative;
  if (first === undefined) return {};
  if (url === undefined || servers.size > 1) return { hostless: relative.length };
  return { server: new URL(first.server || '/', url).href.replace(/\/+$/, '') };
}

/** Everything is written beside its place first, so that a provider's folder is there whole or not at all. */
async function writeProvider(
  folder: string,
  files: readonly { readonly file: string; readonly bytes: Uint8Array }[],
): Promise<void> {
  await makeFolder(dirname(folder));
  const staging = await mkdtemp(join(dirname(folder), '.add-'));
  try {
    for (const { file, bytes } of files) {
      await mkdir(dirname(join(staging, 'new', file)), { recursive: true });
      await writeFile(join(staging, 'new', file), bytes);
    }
    await rename(join(staging, 'new'), folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** `GitHub v3 REST API` → `github-v3-rest`; the file's name where the title has no letter or digit of ASCII. */
function idFromTitle(title: string, source: string): string {
  const slug = (text: string): string =>
    text
      .normalize('NFKD')
      .toLowerCase()
      .replace(/\p{M}/gu, '')
      .replace(/\b(api|openapi|swagger)\b/g, ' ')
      .replace(/[^a-z0-9]+/g, '-')
      .slice(0, 48)
      .replace(/^-+|-+$/g, '');
  return slug(title) || slug(basename(source).replace(/\.\w+$/, '')) || 'provider';
}
