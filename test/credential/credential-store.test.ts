import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../runtime/clock.js';
import { CredentialStore, CredentialStoreError } from '../../runtime/credential/credential-store.js';
import { Secret } from '../../runtime/credential/secret.js';

const NAME = 'TOLLGATE_CREDENTIAL_ACME_KEY';
const CANARY = 'canary-4711';

describe('the credential store', () => {
  let dir: string;
  const storeWith = (keys: { key?: string; nextKey?: string } = {}) =>
    new CredentialStore({
      dataDir: dir,
      clock: systemClock,
      keyFile: join(dir, 'vault.key'),
      key: keys.key === undefined ? undefined : new Secret(keys.key),
      nextKey: keys.nextKey === undefined ? undefined : new Secret(keys.nextKey),
    });
  const put = (store: CredentialStore, ...values: string[]) =>
    store.change(
      (all) =>
        void all.set(
          NAME,
          values.map((value) => new Secret(value)),
        ),
    );
  const valuesIn = (store: CredentialStore) =>
    store
      .read()
      .get(NAME)
      ?.map((secret) => secret.reveal());
  const refused = (work: () => unknown, message: RegExp) =>
    assert.throws(work, (error: unknown) => {
      assert.ok(error instanceof CredentialStoreError);
      assert.match(error.message, message);
      assert.equal(error.message.includes(CANARY), false);
      return true;
    });

  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'tollgate-store-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('is empty where there is none, and is not made by reading', () => {
    assert.deepEqual(storeWith().read(), new Map());
    assert.equal(existsSync(join(dir, 'vault.key')), false);
  });

  it('gives back what was put into it, to whoever has the key', () => {
    put(storeWith(), CANARY, 'zwölf');
    assert.deepEqual(valuesIn(storeWith()), [CANARY, 'zwölf']);
  });

  it('has neither a secret nor a name in the clear, in files that nobody else can read', () => {
    put(storeWith(), CANARY);
    const file = readFileSync(storeWith().path, 'utf8');
    for (const text of [CANARY, Buffer.from(CANARY).toString('base64').slice(0, 12), NAME]) {
      assert.equal(file.includes(text), false);
    }
    for (const name of ['credentials.json', 'vault.key']) assert.equal(statSync(join(dir, name)).mode & 0o777, 0o600);
  });

  it('is another text each time that it is written', () => {
    const texts = [1, 2].map(() => {
      put(storeWith(), CANARY);
      return readFileSync(storeWith().path, 'utf8');
    });
    assert.notEqual(texts[0], texts[1]);
  });

  const DAMAGES: readonly (readonly [
    name: string,
    damage: (file: Record<string, string>) => unknown,
    message: RegExp,
  ])[] = [
    ['another content', (file) => ({ ...file, sealed: flipped(file['sealed']!) }), /is damaged or was changed/],
    ['another nonce', (file) => ({ ...file, nonce: flipped(file['nonce']!) }), /is damaged or was changed/],
    ['a content cut off', (file) => ({ ...file, sealed: file['sealed']!.slice(0, 8) }), /is damaged or was changed/],
    ['another format', (file) => ({ ...file, format: 2 }), /is no credential store that this gateway can read/],
    ['null', () => null, /is no credential store/],
  ];
  for (const [name, damage, message] of DAMAGES) {
    it(`is refused with ${name}`, () => {
      put(storeWith(), CANARY);
      const { path } = storeWith();
      writeFileSync(path, JSON.stringify(damage(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>)));
      refused(() => storeWith().read(), message);
    });
  }

  it('is refused where it is no JSON', () => {
    writeFileSync(storeWith().path, CANARY);
    refused(() => storeWith().read(), /credentials\.json is damaged: bring it back from a backup/);
  });

  it('says so where it was encrypted with another key', () => {
    put(storeWith({ key: '11'.repeat(32) }), CANARY);
    refused(() => storeWith({ key: '22'.repeat(32) }).read(), /was encrypted with another key: set TOLLGATE_VAULT_KEY/);
    put(new CredentialStore({ dataDir: join(dir, 'other'), clock: systemClock, keyFile: join(dir, 'vault.key') }), 'x');
    refused(() => storeWith().read(), /was encrypted with another key/);
  });

  it('says so where the file of its key is not there, and a rotation makes none in its place', () => {
    put(storeWith(), CANARY);
    renameSync(join(dir, 'vault.key'), join(dir, 'away'));
    for (const work of [() => storeWith().read(), () => put(storeWith(), 'x'), () => storeWith().rotateKey()]) {
      refused(
        work,
        /^the key of \S+credentials\.json, the file \S+vault\.key, is not there: bring it back, set TOLLGATE_V/,
      );
    }
    assert.equal(existsSync(join(dir, 'vault.key')), false);
    renameSync(join(dir, 'away'), join(dir, 'vault.key'));
    assert.deepEqual(valuesIn(storeWith()), [CANARY]);
  });

  it('refuses a key that others can read', () => {
    put(storeWith(), CANARY);
    chmodSync(join(dir, 'vault.key'), 0o644);
    refused(() => storeWith().read(), /can be read by others \(mode 0644\): run chmod 600/);
  });

  it('keeps two changes at one time apart, and what an interrupted one left behind is told', () => {
    put(storeWith(), 'before');
    storeWith().change(() => refused(() => put(storeWith(), CANARY), /another command changes the credentials now/));
    assert.deepEqual(valuesIn(storeWith()), ['before']);
    assert.throws(() => storeWith().change(() => assert.fail('no change')), /no change/);
    put(storeWith(), 'after');
    assert.deepEqual(valuesIn(storeWith()), ['after']);
  });

  it('is encrypted with a new key by a rotation, and the key before opens it no more', () => {
    put(storeWith(), CANARY);
    const before = readFileSync(join(dir, 'vault.key'), 'utf8');
    storeWith().rotateKey();
    assert.notEqual(readFileSync(join(dir, 'vault.key'), 'utf8'), before);
    assert.deepEqual(valuesIn(storeWith()), [CANARY]);
    refused(() => storeWith({ key: before.trim() }).read(), /another key/);
  });

  it('is readable where a rotation ended before its key was put in its place', () => {
    put(storeWith(), CANARY);
    const key = join(dir, 'vault.key');
    const before = readFileSync(key);
    storeWith().rotateKey();
    renameSync(key, `${key}.next`);
    writeFileSync(key, before, { mode: 0o600 });
    assert.deepEqual(valuesIn(storeWith()), [CANARY]);
    storeWith().rotateKey();
    assert.deepEqual([valuesIn(storeWith()), existsSync(`${key}.next`)], [[CANARY], false]);
  });

  it('is rotated to the next key of the environment, and open to whoever knows both', () => {
    const [key, nextKey] = ['11'.repeat(32), '22'.repeat(32)];
    put(storeWith({ key }), CANARY);
    refused(() => storeWith({ key }).rotateKey(), /set TOLLGATE_VAULT_KEY_NEXT to the next one/);
    assert.deepEqual(valuesIn(storeWith({ key, nextKey })), [CANARY]);
    storeWith({ key, nextKey }).rotateKey();
    assert.deepEqual(valuesIn(storeWith({ key, nextKey })), [CANARY]);
    assert.deepEqual(valuesIn(storeWith({ key: nextKey })), [CANARY]);
    refused(() => storeWith({ key }).read(), /another key/);
  });

  it('leaves no empty key where the disk is full: the next change makes it', () => {
    const keyFile = join(dir, 'vault.key');
    const full = () => {
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    };
    const store = new CredentialStore({ dataDir: dir, clock: { ...systemClock, randomBytes: full }, keyFile });
    refused(() => put(store, CANARY), /^cannot write the key .*vault\.key \(ENOSPC\): see that its disk has room$/);
    assert.equal(existsSync(keyFile), false);
    put(storeWith(), CANARY);
    assert.deepEqual(valuesIn(storeWith()), [CANARY]);
  });
});

function flipped(text: string): string {
  return (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
}
