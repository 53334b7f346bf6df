/**
 * `add`: brings one document into `specs/<id>/`, byte for byte, with a provider.yaml to fill in. The document is checked
 * in a hidden folder first, so that what cannot be generated never shows up under `specs/`.
 */

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseDocument } from 'yaml';
import { request } from 'undici';
import { loadDocument } from '../load/load-document.js';
import { cleanLine, MAX_LENGTH } from '../normalize/clean-text.js';
import { normalize } from '../normalize/normalize.js';
import { Findings, SpecError } from '../report/findings.js';
import { position } from '../report/terminal-report.js';
import { isProviderId } from '../settings/discover-providers.js';
import { credentialVariable, providerSkeleton } from './provider-skeleton.js';

const MOST_BYTES = 100_000_000;
const FETCH_TIMEOUT_MS = 60_000;
const MOST_REDIRECTS = 5;

export interface AddFlags {
  readonly id?: string;
  readonly specs: string;
  readonly json?: boolean;
}

/** The exit code: 1 where the document cannot be read or is refused, or where the provider is there already. */
export async function addCommand(source: string, flags: AddFlags): Promise<number> {
  const url = /^https?:\/\//i.test(source) ? new URL(source) : undefined;
  const bytes = url === undefined ? await readFile(source) : await fetchDocument(url);
  const text = bytes.toString('utf8');
  const isJson = /^\s*[{[]/.test(text);
  const id = flags.id ?? idFromTitle(titleIn(text), source);
  if (!isProviderId(id)) {
    throw new Error(`${JSON.stringify(id)} cannot be a provider's id: name one of [a-z0-9._-] with --id`);
  }
  for (const taken of [id, `${id}.yaml`, `${id}.yml`, `${id}.json`]) {
    if (existsSync(join(flags.specs, taken))) {
      throw new Error(`${join(flags.specs, taken)} is there already: remove it first, or name another --id`);
    }
  }

  await mkdir(flags.specs, { recursive: true });
  const staging = await mkdtemp(join(flags.specs, '.add-'));
  const document = `openapi.${isJson ? 'json' : 'yaml'}`;
  const findings = new Findings();
  try {
    await mkdir(join(staging, id));
    await writeFile(join(staging, id, document), bytes);
    const loaded = await loadDocument(
      { provider: id, specsDir: staging, file: `${id}/${document}`, root: id },
      { allowRemoteRefs: false },
      findings,
    );
    const normalized = normalize(loaded, id, findings);
    const [firstRefusal] = findings.refused;
    if (firstRefusal !== undefined) {
      throw new SpecError(firstRefusal, firstRefusal.rule, firstRefusal.message, firstRefusal.remedy);
    }
    const relative = normalized.operations.find((operation) => !/^https?:/i.test(operation.server))?.server;
    const server =
      relative !== undefined && url !== undefined ? new URL(relative || '/', url).href.replace(/\/+$/, '') : undefined;
    const skeleton = providerSkeleton({
      id,
      title: cleanLine(normalized.title, MAX_LENGTH.title) || id,
      categories: [],
      securitySchemes: normalized.securitySchemes,
      ...(server !== undefined && { server }),
    });
    await writeFile(join(staging, id, 'provider.yaml'), skeleton);
    await rename(join(staging, id), join(flags.specs, id));

    const variables = Object.keys(normalized.securitySchemes).map((scheme) => credentialVariable(id, scheme));
    const files = [join(flags.specs, id, document), join(flags.specs, id, 'provider.yaml')];
    if (flags.json === true) {
      const { losses, warnings } = findings;
      console.log(JSON.stringify({ id, files, operations: normalized.operations.length, variables, losses, warnings }));
      return 0;
    }
    for (const row of findings.warnings) console.error(`warning: ${row.message} (${position(row)}) → ${row.remedy}`);
    for (const row of findings.losses) console.error(`loss: ${row.endpoint}: ${row.what}: ${row.why} → ${row.remedy}`);
    if (normalized.extension !== undefined) {
      console.error(
        'the document brings x-tollgate settings of its own (prices, servers, credentials): read them first',
      );
    }
    console.log(
      [
        `added ${id}: ${String(normalized.operations.length)} operations`,
        ...files.map((file) => `  ${file}`),
        'to fill in, in provider.yaml: categories, prices',
        ...(relative !== undefined && server === undefined ? ['  server: the document names no host'] : []),
        ...(variables.length > 0 ? ['to set in the environment of the gateway:'] : []),
        ...variables.map((variable) => `  ${variable}`),
        'then: tollgate generate',
      ].join('\n'),
    );
    return 0;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** At most 100 MB within a minute, following a few redirects; no credential is sent. */
async function fetchDocument(url: URL): Promise<Buffer> {
  const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
  let current = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await request(current, { signal, headers: { accept: 'application/json, application/yaml, */*' } });
    const location = response.headers.location;
    if (response.statusCode >= 300 && response.statusCode < 400 && typeof location === 'string') {
      await response.body.dump();
      current = new URL(location, current);
      if (!/^https?:$/.test(current.protocol))
        throw new Error(`${url.href} redirects to ${current.href}: not followed`);
      continue;
    }
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new Error(`${current.href} answered ${String(response.statusCode)}: check the URL`);
    }
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MOST_BYTES) throw new Error(`${current.href} is larger than ${String(MOST_BYTES)} bytes: not read`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }
  throw new Error(`${url.href} redirects more than ${String(MOST_REDIRECTS)} times: not followed`);
}

/** The title alone, without faults: those are for `loadDocument` to report. */
function titleIn(text: string): string {
  const title: unknown = parseDocument(text, { logLevel: 'silent' }).getIn(['info', 'title']);
  return typeof title === 'string' ? title : '';
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
