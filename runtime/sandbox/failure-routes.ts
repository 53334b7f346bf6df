/** Operations that go wrong on demand, each in one exact way, so that every row of the charging table can be tried. */

import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Router, RouterContext } from '@koa/router';
import { LRUCache } from 'lru-cache';
import { problem, PROBLEM_TYPE } from './answer-problems.js';
import type { Counters } from './counters.js';
import { pause } from './pause.js';
import { queryChoice, queryInteger, queryText } from './query-value.js';

type Failure = (ctx: RouterContext) => void | Promise<void>;

const CHUNK_BYTES = 65_536;
const MAX_HUGE_BYTES = 50_000_000;
/** Below the `timeoutMs` of the sandbox's provider.yaml, so that the gateway has the answer in time. */
const MAX_DELAY_MS = 4_000;
const MAX_BOMB_BYTES = 200_000_000;
const MAX_FLAKY_KEYS = 1000;

export function addFailureRoutes(router: Router, counters: Counters): void {
  router.get('slow', '/slow', async (ctx) => {
    const delayMs = queryInteger(ctx, 'delay_ms', { min: 0, max: MAX_DELAY_MS, fallback: 1000 });
    if (await pause(ctx.res, delayMs)) ctx.body = { ok: true, delay_ms: delayMs };
    else {
      counters.aborted('slow');
      ctx.respond = false;
    }
  });

  const failures = createFailures();
  const modes = [...failures.keys()];
  const fail: Failure = (ctx) => failures.get(queryChoice(ctx, 'mode', modes))?.(ctx);
  router.get('fail', '/fail', fail);
  router.post('failPost', '/fail', fail);
}

/** Each mode of `/fail`, by its name in the document. */
function createFailures(): ReadonlyMap<string, Failure> {
  const attempts = new LRUCache<string, number>({ max: MAX_FLAKY_KEYS });
  return new Map<string, Failure>([
    ['status_401', (ctx) => answerStatus(ctx, 401)],
    ['status_404', (ctx) => answerStatus(ctx, 404)],
    ['status_429', (ctx) => answerStatus(ctx, 429, { 'retry-after': '7' })],
    ['status_500', (ctx) => answerStatus(ctx, 500)],
    ['status_503', (ctx) => answerStatus(ctx, 503)],
    ['timeout', neverAnswer],
    ['reset', resetConnection],
    ['truncated', breakOff],
    ['slow_body', trickle],
    ['invalid_json', (ctx) => answerText(ctx, '{"ok": true, "mode": [1, 2,')],
    ['wrong_type', (ctx) => answerText(ctx, '{"ok":"yes","mode":7}')],
    [
      'errors_in_200',
      (ctx) => answerText(ctx, '{"ok":false,"mode":"errors_in_200","errors":[{"message":"failed as you asked"}]}'),
    ],
    ['redirect', redirect],
    ['huge', answerHuge],
    ['bomb', answerBomb],
    ['empty', (ctx) => void (ctx.status = 204)],
    ['flaky', (ctx) => failAtFirst(ctx, attempts)],
  ]);
}

function answerText(ctx: RouterContext, json: string): void {
  ctx.type = 'application/json';
  ctx.body = json;
}

function answerStatus(ctx: RouterContext, status: number, headers: Readonly<Record<string, string>> = {}): void {
  ctx.status = status;
  ctx.set(headers);
  ctx.body = problem(status, 'failed as you asked');
  ctx.type = PROBLEM_TYPE;
}

/** Ends only when the client does, or the sandbox. */
async function neverAnswer(ctx: RouterContext): Promise<void> {
  ctx.respond = false;
  if (!ctx.res.closed) await once(ctx.res, 'close');
}

/** A TCP reset before any byte of an answer. */
function resetConnection(ctx: RouterContext): void {
  ctx.respond = false;
  ctx.req.socket.resetAndDestroy();
}

/** Declares 1,000 bytes, sends 27 and closes the connection. */
function breakOff(ctx: RouterContext): void {
  ctx.respond = false;
  ctx.res.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  ctx.res.write('{"ok":true,"mode":"truncate', () => ctx.req.socket.destroy());
}

/** A byte a second, until the whole of a valid answer is there. */
async function trickle(ctx: RouterContext): Promise<void> {
  ctx.respond = false;
  const body = '{"ok":true,"mode":"slow_body"}';
  ctx.res.writeHead(200, { 'content-type': 'application/json', 'content-length': String(body.length) });
  for (const character of body) {
    ctx.res.write(character);
    if (!(await pause(ctx.res, 1000))) return;
  }
  ctx.res.end();
}

function redirect(ctx: RouterContext): void {
  const location = queryText(ctx, 'location') ?? '/echo';
  if (!/^[!-~]{1,2000}$/.test(location)) {
    ctx.throw(400, 'location has characters that no URL has: percent-encode them');
  }
  ctx.status = 302;
  ctx.set('location', location);
  ctx.body = '';
}

/** Valid JSON of exactly `bytes` bytes. */
function answerHuge(ctx: RouterContext): void {
  const head = Buffer.from('{"ok":true,"mode":"huge","padding":"');
  const tail = Buffer.from('"}');
  const sizeBytes = queryInteger(ctx, 'bytes', { min: 100, max: MAX_HUGE_BYTES, fallback: 5_000_000 });
  const paddingBytes = sizeBytes - head.length - tail.length;
  const pieces = function* (): Generator<Buffer> {
    yield head;
    yield* repeat('x', paddingBytes);
    yield tail;
  };
  ctx.type = 'application/json';
  ctx.body = Readable.from(pieces(), { objectMode: false });
  ctx.length = sizeBytes;
}

/** `bytes` zero bytes, about a thousandth of that on the wire. */
function answerBomb(ctx: RouterContext): void {
  const sizeBytes = queryInteger(ctx, 'bytes', { min: 100, max: MAX_BOMB_BYTES, fallback: 100_000_000 });
  const gzip = createGzip({ level: 9 });
  // A client that hangs up ends the pipeline early; there is nothing left to be told to anybody.
  pipeline(Readable.from(repeat('\0', sizeBytes), { objectMode: false }), gzip, () => undefined);
  ctx.type = 'application/octet-stream';
  ctx.set('content-encoding', 'gzip');
  ctx.body = gzip;
}

function* repeat(character: string, totalBytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(CHUNK_BYTES, character);
  for (let left = totalBytes; left > 0; left -= CHUNK_BYTES)
    yield left >= CHUNK_BYTES ? chunk : chunk.subarray(0, left);
}

/** 503 for the first `times` calls with one `key`, 200 from then on. */
function failAtFirst(ctx: RouterContext, attempts: LRUCache<string, number>): void {
  const key = (queryText(ctx, 'key') ?? 'default').slice(0, 100);
  const times = queryInteger(ctx, 'times', { min: 1, max: 10, fallback: 1 });
  const attempt = (attempts.get(key) ?? 0) + 1;
  attempts.set(key, attempt);
  if (attempt <= times) answerStatus(ctx, 503);
  else ctx.body = { ok: true, mode: 'flaky', attempt };
}
