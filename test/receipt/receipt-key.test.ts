import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

import { systemClock } from '../../runtime/clock.js';
import { Secret } from '../../runtime/credential/secret.js';
import { readReceiptKey } from '../../runtime/receipt/receipt-key.js';
import { createReceiptSigner } from '../../runtime/receipt/sign-receipt.js';

describe('the receipt key', () => {
  let dataDirectory: string;
  let path: string;
  const read = (configured?: string) =>
    readReceiptKey({
      dataDirectory,
      clock: systemClock,
      ...(configured === undefined ? {} : { configured: new Secret(configured) }),
    });

  beforeEach(() => {
    dataDirectory = join(mkdtempSync(join(tmpdir(), 'tollgate-key-')), 'data');
    path = join(dataDirectory, 'receipt.key');
  });
  afterEach(() => rmSync(join(dataDirectory, '..'), { recursive: true }));

  it('is made once, in a file that nobody else can read, and is the same ever after', () => {
    const made = read();
    assert.match(made.reveal(), /^0x[0-9a-f]{64}$/);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(read().reveal(), made.reveal());
  });

  it('is one of the curve, whatever chance brings', () => {
    const drawn = ['00', 'ff', '11'].map((byte) => Buffer.from(byte.repeat(32), 'hex'));
    const clock = { nowMs: () => 0, randomBytes: () => drawn.shift()! };
    assert.equal(readReceiptKey({ dataDirectory, clock }).reveal(), `0x${'11'.repeat(32)}`);
  });

  it('that is configured is used, with or without 0x, and no file is made', () => {
    for (const text of ['11'.repeat(32), `0x${'11'.repeat(32)}`, ` 0X${'11'.repeat(32)}\n`]) {
      assert.equal(createReceiptSigner(read(text)).address, '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A');
    }
    assert.throws(() => statSync(path), /ENOENT/);
  });

  for (const mode of [0o644, 0o640, 0o604, 0o620]) {
    it(`is refused in a file of mode ${mode.toString(8)}`, () => {
      const key = read().reveal();
      chmodSync(path, mode);
      assert.throws(read, (error: Error) => {
        assert.ok(error.message.includes(`chmod 600 ${path}`), error.message);
        return !error.message.includes(key.slice(2));
      });
    });
  }

  const WRONG: readonly (readonly [name: string, text: string])[] = [
    ['too short', 'ca'.repeat(31)],
    ['too long', 'ca'.repeat(33)],
    ['no hex', 'canary'.repeat(10)],
    ['nothing', ''],
    ['zero', '00'.repeat(32)],
    ['the order of the curve', 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'],
  ];
  for (const [name, text] of WRONG) {
    it(`that is ${name} is refused, without being shown`, () => {
      const hidden = (error: Error) => {
        assert.match(error.message, /openssl rand -hex 32/);
        return text === '' || !error.message.includes(text.slice(0, 12));
      };
      assert.throws(() => read(text), hidden);
      read();
      writeFileSync(path, text);
      assert.throws(() => read(), hidden);
    });
  }

  it('is waited for where another start has made its file and not yet written it', async () => {
    const key = 'ca'.repeat(32);
    mkdirSync(dataDirectory, { mode: 0o700 });
    writeFileSync(path, '', { mode: 0o600 });
    const other = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
       const { writeFileSync } = require('node:fs');
       parentPort.once('message', () => setTimeout(() => writeFileSync(...workerData), 40));`,
      { eval: true, workerData: [path, `0x${key}\n`] },
    );
    await once(other, 'online');
    other.postMessage('write');
    assert.equal(read().reveal(), `0x${key}`);
    await other.terminate();
  });

  it('that cannot be read is told with whose it has to be', () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    assert.throws(read, {
      name: 'ReceiptKeyError',
      message: `the receipt key ${path} cannot be read (EISDIR): its owner has to be the user of the gateway, who runs the commands too`,
    });
  });

  it('is not lost where the data directory cannot be written: the message says what to do', () => {
    dataDirectory = join(dataDirectory, '..', 'a-file');
    writeFileSync(dataDirectory, '');
    assert.throws(() => read(), /cannot write the receipt key .*a-file.*set TOLLGATE_RECEIPT_KEY/);
    assert.equal(readFileSync(dataDirectory, 'utf8'), '');
    dataDirectory = join(dataDirectory, '..', 'data');
  });

  it('is not left empty where its disk is full: the next start makes it', () => {
    const full = {
      randomBytes: () => {
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      },
    };
    assert.throws(() => readReceiptKey({ dataDirectory, clock: { ...systemClock, ...full } }), {
      name: 'ReceiptKeyError',
      message: `cannot write the receipt key ${path} (ENOSPC): see that its disk has room, or set TOLLGATE_RECEIPT_KEY`,
    });
    assert.equal(existsSync(path), false);
    read();
  });
});
