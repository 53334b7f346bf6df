/** Takes request bodies of every kind and answers what arrived, part by part: names, sizes, digests, content types. */

import { createHash } from 'node:crypto';
import type { Router, RouterContext } from '@koa/router';
import { LRUCache } from 'lru-cache';
import { essence } from '../upstream/media-type.js';
import { boundaryOf, MultipartError, parseMultipart, type Part } from './parse-multipart.js';
import { readBody } from './read-body.js';

const MAX_BLOBS = 32;
/** There from the start, so that the document's example of a name has something to get. */
const FIRST_BLOB = { name: 'note.bin', bytes: Buffer.from('Stored before anybody came.\n') } as const;
const BLOB_NAME = /^[A-Za-z0-9._-]{1,64}$/;

export function addBodyRoutes(router: Router): void {
  router.post('submitForm', '/forms/urlencoded', async (ctx) => {
    requireType(ctx, 'application/x-www-form-urlencoded');
    const raw = (await readBody(ctx)).toString('utf8');
    const fields = [...new URLSearchParams(raw)].map(([name, value]) => ({ name, value }));
    ctx.body = { content_type: ctx.get('content-type'), raw, fields };
  });

  router.post('submitMultipart', '/forms/multipart', async (ctx: RouterContext) => {
    requireType(ctx, 'multipart/form-data');
    const contentType = ctx.get('content-type');
    const boundary = boundaryOf(contentType);
    if (boundary === undefined) ctx.throw(400, `the content type "${contentType}" names no boundary`);
    const body = await readBody(ctx);
    ctx.body = { content_type: contentType, parts: readParts(ctx, body, boundary).map(showPart) };
  });

  router.post('postText', '/text', async (ctx) => {
    requireType(ctx, 'text/plain');
    const body = await readBody(ctx);
    ctx.body = { content_type: ctx.get('content-type'), ...measure(body), text: body.toString('utf8') };
  });

  router.post('postXml', '/xml', async (ctx) => {
    requireType(ctx, 'application/xml', 'text/xml');
    const body = await readBody(ctx);
    const text = body.toString('utf8');
    const root = /<([A-Za-z_][\w.:-]{0,100})[\s/>]/.exec(text)?.[1];
    if (root === undefined) ctx.throw(422, 'the body has no root element: send a well-formed XML document');
    ctx.body = { content_type: ctx.get('content-type'), ...measure(body), root, text };
  });

  const blobs = new LRUCache<string, Buffer>({ max: MAX_BLOBS });

  router.put('putBlob', '/blobs/:name', async (ctx) => {
    requireType(ctx, 'application/octet-stream');
    const name = blobName(ctx);
    const body = await readBody(ctx);
    blobs.set(name, body);
    ctx.body = { name, content_type: ctx.get('content-type'), ...measure(body) };
  });

  router.get('getBlob', '/blobs/:name', (ctx) => {
    const name = blobName(ctx);
    const blob = blobs.get(name) ?? (name === FIRST_BLOB.name ? FIRST_BLOB.bytes : undefined);
    if (!blob) ctx.throw(404, `unknown blob "${name}": PUT it first; the sandbox keeps the last ${MAX_BLOBS}`);
    ctx.type = 'application/octet-stream';
    ctx.body = blob;
  });
}

/** @throws HttpError 415 for another media type. */
function requireType(ctx: RouterContext, ...types: [string, ...string[]]): void {
  // `ctx.is` answers null for an empty body, whatever its type.
  const type = essence(ctx.get('content-type'));
  if (!types.includes(type)) {
    ctx.throw(415, `the body has the content type "${type.slice(0, 80)}": send ${types.join(' or ')}`);
  }
}

function readParts(ctx: RouterContext, body: Buffer, boundary: string): readonly Part[] {
  try {
    return parseMultipart(body, boundary);
  } catch (error) {
    if (!(error instanceof MultipartError)) throw error;
    ctx.throw(400, error.message);
  }
}

function showPart({ name, filename, contentType, bytes }: Part) {
  return {
    name,
    ...(filename !== undefined && { filename }),
    ...(contentType !== undefined && { content_type: contentType }),
    ...measure(bytes),
    // A file is told by its digest; a field is short and readable.
    ...(filename === undefined && { text: bytes.toString('utf8') }),
  };
}

function measure(bytes: Buffer) {
  return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function blobName(ctx: RouterContext): string {
  const name = ctx.params.name ?? '';
  if (!BLOB_NAME.test(name))
    ctx.throw(400, `the name "${name.slice(0, 80)}" is not 1 to 64 of A–Z, a–z, 0–9, ".", "_", "-"`);
  return name;
}
