/** Small JSON documents that are changed with JSON Merge Patch (RFC 7396). Any id begins as the same document. */

import type { Router, RouterContext } from '@koa/router';
import { LRUCache } from 'lru-cache';
import { isObject } from '../is-object.js';
import { readJson } from './read-body.js';

type JsonObject = Readonly<Record<string, unknown>>;

const MAX_DOCUMENTS = 100;
const FRESH: JsonObject = {
  title: 'Untitled',
  author: { name: 'Nobody', email: 'nobody@example.com' },
  tags: ['draft'],
};

export function addDocumentRoutes(router: Router): void {
  const documents = new LRUCache<string, JsonObject>({ max: MAX_DOCUMENTS });

  router.get('readDocument', '/documents/:id', (ctx) => {
    const id = documentId(ctx);
    ctx.body = { id, content: documents.get(id) ?? FRESH };
  });

  router.patch('patchDocument', '/documents/:id', async (ctx: RouterContext) => {
    const id = documentId(ctx);
    const patch = await readJson(ctx, 'application/merge-patch+json');
    if (!isObject(patch)) ctx.throw(422, 'the patch is not an object: send {"title": "…"}');
    const content = mergePatch(documents.get(id) ?? FRESH, patch);
    documents.set(id, content);
    ctx.body = { id, content };
  });
}

/** RFC 7396 section 2, for a patch that is an object. */
function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [name, value] of Object.entries(patch)) {
    const before = merged.get(name);
    if (value === null) merged.delete(name);
    else merged.set(name, isObject(value) ? mergePatch(isObject(before) ? before : {}, value) : value);
  }
  return Object.fromEntries(merged);
}

function documentId(ctx: RouterContext): string {
  const id = ctx.params.id ?? '';
  if (!/^[a-z0-9-]{1,40}$/.test(id)) ctx.throw(400, `the id "${id.slice(0, 80)}" is not 1 to 40 of a–z, 0–9 and "-"`);
  return id;
}
