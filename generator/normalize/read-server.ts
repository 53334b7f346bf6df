/**
 * Server Objects (OpenAPI 3.1 section 4.8.5): which one an operation goes to, and what of it the caller may choose. The
 * nearest list wins; in it, the first server that http or https reaches. A variable with a choice of values becomes an
 * argument, all others are filled in here: nothing outside of the document's enum ever gets into a host name.
 */

import { arrayOr, isObject, objectOr, own, textOr, type JsonObject } from './json-value.js';
import { upstreamVariable } from './provider-variable.js';

export interface ServerVariable {
  readonly name: string;
  readonly values: readonly string[];
  readonly default: string;
  readonly description: unknown;
}

export interface ReadServer {
  /** See ServerUrl in the contract. */
  readonly url: string;
  readonly variables: readonly ServerVariable[];
}

/** A host name without a scheme: not what the specification allows, but what some write. */
const BARE_HOST = /^(localhost|([a-z0-9-]+\.)+[a-z]{2,})(:\d+)?(\/|$)/i;

/**
 * @param origin URL that the document was fetched from, which relative servers are relative to
 * @param warn is told why no request can go there
 */
export function readServer(servers: unknown, origin: string | undefined, warn: (message: string) => void): ReadServer {
  const listed = arrayOr(servers).filter((server) => isObject(server) && typeof server['url'] === 'string');
  const candidates = (listed.length === 0 ? [{ url: '/' }] : listed) as readonly JsonObject[];
  const read = candidates.map((server) => fillIn(server));
  const best = read.find(({ url }) => /^https?:\/\//i.test(url)) ?? read.find(({ url }) => !hasOtherScheme(url));
  if (best === undefined) {
    warn(`no server of ${JSON.stringify(read[0]?.url)} is http or https`);
    return { url: '', variables: [] };
  }
  return join(best, origin, warn);
}

function fillIn(server: JsonObject): ReadServer {
  const described = objectOr(server['variables']);
  const variables: ServerVariable[] = [];
  const url = (server['url'] as string).trim().replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    const variable = objectOr(own(described, name));
    const values = [...new Set(arrayOr(variable['enum']).filter(isScalar).map(String))];
    const given = isScalar(variable['default']) ? String(variable['default']) : undefined;
    if (values.length >= 2) {
      const fallback = given !== undefined && values.includes(given) ? given : values[0]!;
      if (!variables.some((known) => known.name === name)) {
        variables.push({ name, values, default: fallback, description: variable['description'] });
      }
      return whole;
    }
    return given ?? values[0] ?? whole;
  });
  const trimmed = url.replace(/[?#].*$/s, '').replace(/\/+$/, '');
  if (trimmed.startsWith('//')) return { url: `https:${trimmed}`, variables };
  return { url: BARE_HOST.test(trimmed) ? `https://${trimmed}` : trimmed, variables };
}

function join(server: ReadServer, origin: string | undefined, warn: (message: string) => void): ReadServer {
  const { variables } = server;
  // What stands for a host must parse with every variable at its default; one without a value makes it unusable.
  const filled = server.url.replace(/\{([^{}]*)\}/g, (whole, name: string) => {
    return variables.find((variable) => variable.name === name)?.default ?? whole;
  });
  if (filled.includes('{')) {
    warn(`the server ${JSON.stringify(server.url)} has a variable without a default`);
    return { url: '', variables: [] };
  }
  if (/^https?:\/\//i.test(filled)) {
    if (isPlainUrl(filled)) return server;
    warn(`the server ${JSON.stringify(server.url)} is no usable URL`);
    return { url: '', variables: [] };
  }
  if (origin !== undefined && URL.canParse(filled, origin)) {
    if (variables.length > 0) {
      const rooted = server.url.startsWith('/') ? server.url : `/${server.url}`;
      return { url: `${new URL(origin).origin}${rooted}`, variables };
    }
    const joined = new URL(filled === '' ? '/' : filled, origin);
    return { url: `${joined.origin}${joined.pathname}`.replace(/\/+$/, ''), variables };
  }
  warn(`the server ${JSON.stringify(server.url || '/')} names no host`);
  const path = filled.replace(/^(\.{1,2}\/)+|^\.{1,2}$/, '/').replace(/^\/+$/, '');
  return { url: path === '' || path.startsWith('/') ? path : `/${path}`, variables: [] };
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username === '' && url.password === '' && url.hostname !== '';
}

function isScalar(value: unknown): value is string | number | boolean {
  return textOr(value) !== undefined || typeof value === 'number' || typeof value === 'boolean' || value === '';
}

function hasOtherScheme(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(url);
}

/** @param pointer where the list of servers stands: that of one operation or path is not that of the others */
export function serverRemedy(pointer: string, provider: string): string {
  const everywhere = `set server in provider.yaml, or ${upstreamVariable(provider)}`;
  return pointer === '/servers' ? everywhere : `correct it with an overlay; or ${everywhere}, in place of all`;
}
