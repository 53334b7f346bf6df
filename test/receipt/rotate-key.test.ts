import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { computeAddress } from 'ethers';

import { Secret } from '../../runtime/credential/secret.js';
import { publishedKeys, publishKey, retireKey } from '../../runtime/receipt/published-keys.js';
import { readNextReceiptKey, readReceiptKey } from '../../runtime/receipt/receipt-key.js';
import { rotateKey } from '../../runtime/receipt/rotate-key.js';
import type { Store } from '../../runtime/store/store.js';
import { TestClock } from '../ledger/test-clock.js';
import { STORES, type TestDatabase } from '../store/stores.js';

const NOW = 1_773_057_600;

describe('rotating the receipt key', () => {
  let database: TestDatabase;
  let store: Store;
  let clock: TestClock;
  let dataDirectory: string;
  const addressOf = (key: Secret): string => computeAddress(key.reveal());
  const source = () => ({ dataDirectory, clock });
  const rotate = () => rotateKey(store, clock, source(), 60_000);

  beforeEach(async () => {
    clock = new TestClock();
    dataDirectory = mkdtempSync(join(tmpdir(), 'tollgate-rotate-'));
    database = await STORES[0]!.create();
    store = await database.open(clock);
  });
  afterEach(async () => {
    await database.drop();
    rmSync(dataDirectory, { recursive: true });
  });

  it('publishes the new key from now and the old one to the end of the overlap', async () => {
    const old = addressOf(readReceiptKey(source()));
    await publishKey(store, clock, old);
    clock.advance(5_000);
    const { from, to, until } = await rotate();
    assert.deepEqual([from, until], [old, NOW + 65]);
    assert.deepEqual(await publishedKeys(store.read), [
      { address: old, validFrom: NOW, validUntil: NOW + 65 },
      { address: to, validFrom: NOW + 5 },
    ]);
  });

  it('ends the time of a key that came back, and not the one before', async () => {
    const old = addressOf(readReceiptKey(source()));
    const other = addressOf(new Secret(`0x${'22'.repeat(32)}`));
    for (const address of [old, other]) await publishKey(store, clock, address);
    clock.advance(5_000);
    await retireKey(store, clock, old, 0);
    clock.advance(5_000);
    await publishKey(store, clock, old);
    assert.equal((await rotate()).until, NOW + 70);
    const times = (await publishedKeys(store.read)).filter(({ address }) => address === old);
    assert.deepEqual(
      times.map(({ validUntil }) => validUntil),
      [NOW + 5, NOW + 70],
    );
  });

  it('ends the time that goes on of a key that came back by a clock that was set back', async () => {
    const old = addressOf(readReceiptKey(source()));
    for (const address of [old, addressOf(new Secret(`0x${'22'.repeat(32)}`))]) await publishKey(store, clock, address);
    clock.advance(-600_000);
    await retireKey(store, clock, old, 0);
    await publishKey(store, clock, old);
    assert.equal((await rotate()).until, NOW - 540);
  });

  it('names the keys that it does not replace: of gateways with another data directory', async () => {
    await publishKey(store, clock, addressOf(readReceiptKey(source())));
    const elsewhere = '0x00000000000000000000000000000000000000AA';
    await publishKey(store, clock, elsewhere);
    assert.deepEqual((await rotate()).others, [elsewhere]);
    await retireKey(store, clock, elsewhere, 0);
    assert.deepEqual((await rotate()).others, []);
  });

  it('leaves the new key in the file, for nobody else to read, and the old one nowhere', async () => {
    const old = readReceiptKey(source()).reveal();
    const { to } = await rotate();
    assert.deepEqual(readdirSync(dataDirectory), ['receipt.key']);
    assert.equal(statSync(join(dataDirectory, 'receipt.key')).mode & 0o777, 0o600);
    assert.equal(addressOf(readReceiptKey(source())), to);
    assert.notEqual(readFileSync(join(dataDirectory, 'receipt.key'), 'utf8').trim(), old);
  });

  it('goes on after an interruption with the key that it had made', async () => {
    const old = addressOf(readReceiptKey(source()));
    await publishKey(store, clock, old);
    const made = addressOf(readNextReceiptKey(source()));
    await publishKey(store, clock, made);
    clock.advance(5_000);
    const { to, until } = await rotate();
    assert.deepEqual([to, until], [made, NOW + 65]);
    assert.deepEqual(
      (await publishedKeys(store.read)).map(({ address }) => address),
      [old, made],
    );
  });

  it('keeps the end that an interrupted rotation gave to the old key', async () => {
    const old = addressOf(readReceiptKey(source()));
    await publishKey(store, clock, old);
    await publishKey(store, clock, addressOf(readNextReceiptKey(source())));
    await retireKey(store, clock, old, 60_000);
    clock.advance(30_000);
    assert.equal((await rotate()).until, NOW + 60);
  });

  it('does not retire a key that never signed', async () => {
    const { to, until } = await rotate();
    assert.equal(until, undefined);
    assert.deepEqual(await publishedKeys(store.read), [{ address: to, validFrom: NOW }]);
  });

  it('says how to replace a key that is configured, and changes nothing', async () => {
    const configured = new Secret(`0x${'11'.repeat(32)}`);
    await assert.rejects(
      rotateKey(store, clock, { ...source(), configured }, 60_000),
      /comes from TOLLGATE_RECEIPT_KEY/,
    );
    assert.deepEqual(await publishedKeys(store.read), []);
    assert.deepEqual(readdirSync(dataDirectory), []);
  });
});
