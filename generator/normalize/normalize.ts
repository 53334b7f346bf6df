/**
 * One loaded document, whatever its version → the normal form that all later stages read.
 *
 * Pure and deterministic: the same document gives the same result, byte for byte, wherever it stands. What cannot be
 * carried over is among the findings, and never stops the rest. Webhooks and callbacks are calls that a provider makes,
 * so they are no endpoints.
 */

import { escapeToken } from '../load/json-pointer.js';
import type { LoadedDocument } from '../load/load-document.js';
import type { Findings } from '../report/findings.js';
import { cleanLine, firstSentence, MAX_LENGTH } from './clean-text.js';
import { HTTP_TOKEN } from './http-token.js';
import { isObject, objectOr, own, textOr, type JsonObject } from './json-value.js';
import type { NormalizedDocument, NormalizedOperation } from './normalized-document.js';
import { operationIds } from './operation-id.js';
import { asksForCredential, readOperation, type FoundOperation } from './read-operation.js';
import { readSecuritySchemes } from './read-security.js';
import { CREDENTIAL_HEADERS, withHeaderScheme } from './required-credential.js';
import { readServer } from './read-server.js';
import { References } from './references.js';
import { Reporter } from './reporter.js';
import { SchemaReader } from './schema-reader.js';
import { upgradeSchema30 } from './upgrade-openapi-30.js';
import { upgradeSwagger2 } from './upgrade-swagger-2.js';

/** The fixed fields of a Path Item Object that hold operations; `query` is OpenAPI 3.2's. */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const;
/** As URL parsers read them (WHATWG URL, "double-dot URL path segment"). */
const DOT_SEGMENT = /(^|\/)(\.|%2e){1,2}(?=[/?#]|$)/i;

export function normalize(loaded: LoadedDocument, provider: string, findings: Findings): NormalizedDocument {
  const source = loaded.document as JsonObject;
  const references = new References(source);
  const reporter = new Reporter(provider, (pointer) => loaded.place(pointer), findings);
  const isSwagger = source['openapi'] === undefined;
  const document = isSwagger ? upgradeSwagger2(source, references) : source;
  const is30 = isSwagger || /^3(\.0|$)/.test(String(source['openapi']).trim());
  const schemas = new SchemaReader(references, reporter, is30 ? upgradeSchema30 : (schema) => schema, named(source));

  const base = tokenBase(document, loaded.origin);
  const components = objectOr(document['components']);
  const info = objectOr(document['info']);
  const declared = readSecuritySchemes(components['securitySchemes'], info, base, references, reporter);
  const found = findOperations(document, references, reporter);
  const asked = CREDENTIAL_HEADERS.filter((header) => found.some((one) => asksForCredential(one, header, references)));
  const schemes = asked.reduce(withHeaderScheme, declared);
  warnOfSharedIds(found, reporter);
  const ids = operationIds(found, provider);
  const scope = { provider, document, origin: loaded.origin, schemes, references, reporter, schemas };
  const operations: NormalizedOperation[] = [];
  found.forEach((operation, index) => {
    const id = ids[index]!;
    reporter.begin(id);
    operations.push(readOperation(operation, id, scope));
  });

  const definitions = schemas.definitions();
  return {
    ...describe(info, document, provider),
    securitySchemes: schemes,
    definitions,
    operations,
    ...(document['x-tollgate'] === undefined ? {} : { extension: document['x-tollgate'] }),
  };
}

/** Pointers to the schemas that the document itself has given a name. */
function named(source: JsonObject): readonly string[] {
  const schemas = Object.keys(objectOr(objectOr(source['components'])['schemas']));
  const definitions = Object.keys(objectOr(source['definitions']));
  return [
    ...schemas.map((name) => `/components/schemas/${escapeToken(name)}`),
    ...definitions.map((name) => `/definitions/${escapeToken(name)}`),
  ];
}

function findOperations(document: JsonObject, references: References, reporter: Reporter): readonly FoundOperation[] {
  const found: FoundOperation[] = [];
  for (const [path, given] of Object.entries(objectOr(document['paths']))) {
    if (path.startsWith('x-')) continue;
    const itemPointer = `/paths/${escapeToken(path)}`;
    const pathItem = pathItemOf(given, itemPointer, references);
    if (pathItem === undefined) {
      reporter.begin(path);
      reporter.loss(itemPointer, {
        rule: 'invalid-path-item',
        what: `the path ${path}`,
        why: 'it is no Path Item Object, or its reference leads nowhere',
        remedy: 'describe the path, or remove it',
      });
      continue;
    }
    for (const [method, operation, place] of operationsOf(pathItem)) {
      const pointer = `${itemPointer}/${place}`;
      if (!isObject(operation) || !HTTP_TOKEN.test(method)) {
        reporter.begin(`${method} ${path}`);
        reporter.loss(pointer, {
          rule: 'invalid-operation',
          what: `the operation ${method} ${path}`,
          why: 'it is no Operation Object',
          remedy: 'describe the operation, or remove it',
        });
        continue;
      }
      const uncallable =
        method.toUpperCase() === 'CONNECT'
          ? 'CONNECT opens a tunnel and has no answer'
          : DOT_SEGMENT.test(path)
            ? 'a path with "." or ".." leads elsewhere than it says'
            : undefined;
      if (uncallable !== undefined) {
        reporter.begin(`${method} ${path}`);
        reporter.loss(pointer, {
          rule: 'uncallable-operation',
          what: `the operation ${method} ${path}`,
          why: uncallable,
          remedy: 'correct the path or the method, or remove the operation',
        });
        continue;
      }
      const { operationId } = operation;
      found.push({ method, path, operation, pathItem, itemPointer, pointer, operationId });
    }
  }
  return found;
}

/** An operationId has to be unique; each of several operations with one is told where the first of them stands. */
function warnOfSharedIds(found: readonly FoundOperation[], reporter: Reporter): void {
  const first = new Map<string, FoundOperation>();
  for (const operation of found) {
    const id = textOr(operation.operationId);
    const holder = id === undefined ? undefined : first.get(id);
    if (id === undefined) continue;
    if (holder === undefined) {
      first.set(id, operation);
      continue;
    }
    // Two paths that refer to one item share its operations, and their names with them.
    if (holder.operation === operation.operation) continue;
    const message =
      `the operationId ${JSON.stringify(id)} is that of ${holder.method} ${holder.path} too, ` +
      `at ${reporter.position(holder.pointer)}`;
    const remedy = 'give each operation an operationId of its own; until then their ids end in method and path';
    reporter.warning(`${operation.pointer}/operationId`, 'duplicate-operation-id', message, remedy);
  }
}

/** A path may refer to an item that others use as well; what it says beside the reference is added to it. */
function pathItemOf(given: unknown, pointer: string, references: References): JsonObject | undefined {
  if (!isObject(given)) return undefined;
  if (typeof own(given, '$ref') !== 'string') return given;
  const target = references.follow(given, pointer)?.value;
  if (!isObject(target)) return undefined;
  const item: Record<string, unknown> = { ...target, ...given };
  delete item['$ref'];
  return item;
}

type Listed = readonly [method: string, operation: unknown, place: string];

function operationsOf(pathItem: JsonObject): readonly Listed[] {
  const fixed = METHODS.filter((method) => Object.hasOwn(pathItem, method)).map((method): Listed => [
    method.toUpperCase(),
    pathItem[method],
    method,
  ]);
  const additional = Object.entries(objectOr(pathItem['additionalOperations'])).map(([method, operation]): Listed => [
    method,
    operation,
    `additionalOperations/${escapeToken(method)}`,
  ]);
  return [...fixed, ...additional];
}

/** What a relative token URL is relative to: the document's place, else its server. */
function tokenBase(document: JsonObject, origin: string | undefined): string | undefined {
  if (origin !== undefined) return origin;
  const { url, variables } = readServer(document['servers'], undefined, () => undefined);
  return variables.length === 0 && /^https?:/i.test(url) ? url : undefined;
}

function describe(
  info: JsonObject,
  document: JsonObject,
  provider: string,
): Pick<NormalizedDocument, 'title' | 'summary' | 'version' | 'documentation'> {
  const title = cleanLine(info['title'], MAX_LENGTH.title) || provider;
  const summary =
    cleanLine(info['summary'], MAX_LENGTH.summary) || firstSentence(info['description'], MAX_LENGTH.summary) || title;
  const version = cleanLine(info['version'], 60) || '0';
  const documentation = textOr(objectOr(document['externalDocs'])['url']);
  const isUrl = documentation !== undefined && /^https?:\/\//i.test(documentation) && URL.canParse(documentation);
  return { title, summary, version, ...(isUrl ? { documentation } : {}) };
}
