/**
 * `fetch` for the sandbox that holds every answer against `specs/sandbox/openapi.yaml`: an operation, a status, a
 * content type or a JSON body that the document does not know fails the test.
 */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import SwaggerParser from '@apidevtools/swagger-parser';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';

export interface DocumentedOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { schema?: object }>> }>>;
}

export interface SandboxDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly contentType: string;
  readonly bytes: Buffer;
  readonly text: string;
  /** The JSON body; undefined where it is not JSON. */
  readonly json: unknown;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** The document with its references resolved. */
const sandboxDocument: Promise<SandboxDocument> = readFile('specs/sandbox/openapi.yaml', 'utf8').then(
  async (text) => (await SwaggerParser.dereference(parse(text) as never)) as unknown as SandboxDocument,
);

/** Every operation with its method in upper case and its path template. */
export async function documentedOperations() {
  const { paths } = await sandboxDocument;
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ method: method.toUpperCase(), path, operation }] : [];
    }),
  );
}

/** Sends the request and checks the answer; redirects are answers. */
export async function documentedFetch(base: string, target: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(`${base}${target}`, { redirect: 'manual', ...init });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString('utf8');
  const contentType = response.headers.get('content-type') ?? '';
  const mediaType = contentType.split(';', 1)[0] ?? '';
  const json: unknown = /[/+]json$/.test(mediaType) ? JSON.parse(text) : undefined;

  const method = init.method ?? 'GET';
  const operation = await findOperation(method, target);
  const documented = operation.responses[String(response.status)];
  assert.ok(documented, `${operation.operationId} answers ${response.status}, which is not documented: ${text}`);
  if (mediaType !== '' && bytes.length > 0) {
    const content = documented.content?.[mediaType];
    assert.ok(
      content,
      `${operation.operationId} answers ${mediaType} with ${response.status}, which is not documented`,
    );
    if (json !== undefined && content.schema && !ajv.validate(content.schema, json)) {
      assert.fail(`${operation.operationId} breaks its schema: ${ajv.errorsText()}`);
    }
  }
  return { status: response.status, headers: response.headers, contentType, bytes, text, json };
}

async function findOperation(method: string, target: string): Promise<DocumentedOperation> {
  const path = target.split('?', 1)[0] ?? '';
  const found = (await documentedOperations())
    .filter((candidate) => candidate.method === method && pathPattern(candidate.path).test(path))
    // As OpenAPI has it, a concrete path wins over a template.
    .toSorted((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')));
  assert.ok(found[0], `${method} ${path} is not documented`);
  return found[0].operation;
}

function pathPattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`);
}
