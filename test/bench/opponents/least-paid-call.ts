/**
 * The least that a paid call can be, as a process: the bare proxy, and what a receipt cannot be had without. Each call
 * has a row that is durable before the upstream is asked and one, with the answer, that is durable before the client has
 * it (SQLite, `synchronous=FULL`, group commit), and a receipt that is hashed and signed as the gateway does it. No
 * account, no balance, no validation, no MCP. What lies between this and the bare proxy no gateway can save; what lies
 * between this and Tollgate is its own. Arguments: the upstream's URL, and a folder for the database.
 */

import { hash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';

import sqlite3 from 'sqlite3';
import { Pool } from 'undici';

import type { ReceiptMessage } from '../../../runtime/receipt/receipt.js';
import { NO_DIGEST, receiptDigest } from '../../../runtime/receipt/receipt-type.js';
import { signDigests } from '../../../runtime/receipt/sign-digests.js';

interface ToolCall {
  readonly id: number;
  readonly params: { readonly arguments: { readonly endpoint: string; readonly arguments: { readonly id: string } } };
}

type Row = readonly (string | number)[];

interface Waiting {
  readonly hold?: Row;
  readonly receipt?: { readonly id: string; readonly digest: string; readonly answer: string };
  readonly resolve: (signature: string) => void;
}

const KEY = Buffer.alloc(32, 0x1f);
const upstream = new Pool(process.argv[2]!);
const database = new sqlite3.Database(join(process.argv[3]!, 'least.db'));
const execute = promisify<string, void>(database.exec.bind(database));
await execute(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE holds (id TEXT PRIMARY KEY, key TEXT, endpoint TEXT, amount INTEGER, at INTEGER) WITHOUT ROWID;
  CREATE TABLE receipts (id TEXT PRIMARY KEY, digest TEXT, signature TEXT, answer TEXT) WITHOUT ROWID;`);
const insertHolds = insert('holds', 5);
const insertReceipts = insert('receipts', 4);

let waiting: Waiting[] = [];
let draining = false;
let issued = 0;
let previousDigest = NO_DIGEST;

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const call = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ToolCall;
    void answer(hash('sha256', req.headers.authorization ?? ''), call).then((text) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      res.end(text);
    });
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`listening: http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

async function answer(key: string, { id, params }: ToolCall): Promise<string> {
  const callId = Date.now().toString(16) + randomBytes(16).toString('hex');
  await durable({ hold: [callId, key, params.arguments.endpoint, 1_000, Date.now()] });
  const path = `/products/${encodeURIComponent(params.arguments.arguments.id)}`;
  const text = await (await upstream.request({ path, method: 'GET' })).body.text();
  const message: ReceiptMessage = {
    receiptId: `rcpt_${callId}`,
    account: 'acct_least',
    seller: 'sandbox',
    endpoint: params.arguments.endpoint,
    catalogueDigest: NO_DIGEST,
    requestDigest: `0x${hash('sha256', JSON.stringify(params.arguments))}`,
    answerDigest: `0x${hash('sha256', text)}`,
    upstreamStatus: 200,
    amountMicroUsdc: '1000',
    unitPrice: '0.001000',
    units: '1',
    idempotencyDigest: NO_DIGEST,
    issuedAt: Math.floor(Date.now() / 1000),
    number: (issued += 1),
    previousDigest,
  };
  const digest = (previousDigest = receiptDigest(message));
  const signature = await durable({ receipt: { id: callId, digest, answer: text } });
  const structuredContent = { body: JSON.parse(text) as unknown, receipt: { message, digest, signature } };
  return JSON.stringify({ jsonrpc: '2.0', id, result: { structuredContent, content: [{ type: 'text', text }] } });
}

/** Resolves when the row is on disk; with the signature, where it is a receipt's. */
function durable(row: Omit<Waiting, 'resolve'>): Promise<string> {
  return new Promise((resolve) => {
    waiting.push({ ...row, resolve });
    if (!draining) void drain();
  });
}

async function drain(): Promise<void> {
  draining = true;
  while (waiting.length > 0) {
    await setImmediate();
    const batch = waiting;
    waiting = [];
    const holds = batch.flatMap(({ hold }) => (hold === undefined ? [] : [hold]));
    const receipts = batch.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt]));
    const digests = Buffer.from(receipts.map(({ digest }) => digest.slice(2)).join(''), 'hex');
    const signed = Buffer.from(signDigests(digests, KEY)).toString('hex');
    const signatures = new Map(receipts.map(({ id }, at) => [id, `0x${signed.slice(130 * at, 130 * (at + 1))}`]));
    const rows = receipts.map(({ id, digest, answer: text }): Row => [id, digest, signatures.get(id)!, text]);
    await execute('BEGIN');
    if (holds.length > 0) await insertHolds(holds);
    if (rows.length > 0) await insertReceipts(rows);
    await execute('COMMIT');
    for (const { receipt, resolve } of batch) resolve(receipt === undefined ? '' : signatures.get(receipt.id)!);
  }
  draining = false;
}

/** All rows by one statement, as the gateway writes them. */
function insert(table: string, columns: number): (rows: readonly Row[]) => Promise<void> {
  const values = Array.from({ length: columns }, (_, at) => `value ->> ${at}`).join(', ');
  const statement = database.prepare(`INSERT INTO ${table} SELECT ${values} FROM jsonb_each(?)`);
  return (rows) =>
    new Promise((resolve, reject) => {
      statement.run([JSON.stringify(rows)], (error: Error | null) => (error === null ? resolve() : reject(error)));
    });
}
