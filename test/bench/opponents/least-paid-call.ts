/**
 * The least that a paid call can be, as a process: the bare proxy, and what a receipt cannot be had without. Each call
 * has a row that is durable before the upstream is asked and one, with the answer, that is durable before the client has
 * it (SQLite, `synchronous=FULL`, group commit), and a receipt that is hashed and signed as the gateway does it. No
 * account, no balance, no validation, no MCP. What lies between this and the bare proxy a gateway on one thread that gives
 * such receipts hardly saves; what lies between this and Tollgate is its own. Arguments: the upstream's URL, and a folder
 * for the database.
 */

import { hash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';

import sqlite3 from 'sqlite3';
import { Pool } from 'undici';

import { Secret } from '../../../runtime/credential/secret.js';
import type { ReceiptMessage } from '../../../runtime/receipt/receipt.js';
import { NO_DIGEST, receiptDigest } from '../../../runtime/receipt/receipt-type.js';
import { createReceiptSigner } from '../../../runtime/receipt/sign-receipt.js';

interface ToolCall {
  readonly id: number;
  readonly params: { readonly arguments: { readonly endpoint: string; readonly arguments: { readonly id: string } } };
}

interface Waiting {
  readonly id: string;
  /** Of the key for a hold, and of the receipt. */
  readonly digest: string;
  /** What is called, or the answer. */
  readonly text: string;
  readonly isReceipt: boolean;
  /** With the signature of a receipt. */
  readonly resolve: (signature: string) => void;
}

const signer = createReceiptSigner(new Secret(`0x${'1f'.repeat(32)}`));
const upstream = new Pool(process.argv[2]!);
const database = new sqlite3.Database(join(process.argv[3]!, 'least.db'));
await promisify<string, void>(database.exec.bind(database))(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -16384;
  PRAGMA wal_autocheckpoint = 8000;
  CREATE TABLE entries (id TEXT, signature TEXT, digest TEXT, text TEXT, PRIMARY KEY (id, signature)) WITHOUT ROWID;`);
/** All of a batch by one statement, which is a transaction of its own, as the gateway writes it. */
const insert = database.prepare(`INSERT INTO entries
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM jsonb_each(?)`);

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
  await durable({ id: callId, digest: key, text: params.arguments.endpoint, isReceipt: false });
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
  const signature = await durable({ id: callId, digest, text, isReceipt: true });
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
    const receipts = batch.filter(({ isReceipt }) => isReceipt);
    const signed = signer.signAll(receipts.map(({ digest }) => digest));
    const signatures = new Map(receipts.map(({ id }, at) => [id, signed[at]!]));
    const signatureOf = ({ id, isReceipt }: Waiting) => (isReceipt ? signatures.get(id)! : '');
    await write(batch.map((row) => [row.id, signatureOf(row), row.digest, row.text]));
    for (const row of batch) row.resolve(signatureOf(row));
  }
  draining = false;
}

function write(rows: readonly (readonly string[])[]): Promise<void> {
  return new Promise((resolve, reject) => {
    insert.run([JSON.stringify(rows)], (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}
