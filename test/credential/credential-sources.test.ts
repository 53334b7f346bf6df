import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../runtime/clock.js';
import { CredentialSources } from '../../runtime/credential/credential-sources.js';
import { CredentialStore, CredentialStoreError } from '../../runtime/credential/credential-store.js';
import { Secret } from '../../runtime/credential/secret.js';

const KEY = 'TOLLGATE_CREDENTIAL_ACME_KEY';

describe('the sources of credentials', () => {
  let dir: string;
  let file: string;
  let store: CredentialStore;
  let told: (readonly string[])[];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-sources-'));
    file = join(dir, 'key.txt');
    store = new CredentialStore({ dataDir: dir, clock: systemClock, keyFile: join(dir, 'vault.key') });
    told = [];
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function sourcesOf(environment: Readonly<Record<string, string>>): CredentialSources {
    return new CredentialSources({
      variable: (name) => (environment[name] === undefined ? undefined : new Secret(environment[name])),
      names: Object.keys(environment),
      store,
      otherwise: (name) => (name === KEY ? new Secret('otherwise') : undefined),
      onChange: (problems) => told.push(problems),
    });
  }
  const keysOf = (sources: CredentialSources, isAlone = false) => sources.get(KEY, isAlone).map((key) => key.reveal());
  /** Puts another file in the place of the one that is there, which is another one whatever the clock says. */
  const write = (content: string) => {
    writeFileSync(`${file}.new`, content, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  const keep = (value: string) => store.change((all) => void all.set(KEY, [new Secret(value)]));

  it('are taken in order: the environment, a file, the store, and what is left', () => {
    assert.deepEqual(keysOf(sourcesOf({})), ['otherwise']);
    keep('stored');
    assert.deepEqual(keysOf(sourcesOf({})), ['stored']);
    write('filed\n');
    assert.deepEqual(keysOf(sourcesOf({ [`${KEY}_FILE`]: file })), ['filed']);
    assert.deepEqual(keysOf(sourcesOf({ [`${KEY}_FILE`]: file, [KEY]: 'set' })), ['set']);
  });

  it('tell, with nothing stored too, that the file is not there that TOLLGATE_VAULT_KEY_FILE names, until it is', () => {
    const keyFile = join(dir, 'mounted.key');
    store = new CredentialStore({ dataDir: dir, clock: systemClock, keyFile });
    const sources = sourcesOf({});
    const line =
      `the file ${keyFile} that TOLLGATE_VAULT_KEY_FILE names is not there: bring it back or name another; where there ` +
      'never was one, "tollgate credential set" makes it';
    assert.deepEqual([sources.problems, told], [[line], [[line]]]);
    keep('stored');
    sources.refresh();
    assert.deepEqual([sources.problems, told.at(-1)], [[], []]);
    rmSync(keyFile);
    sources.refresh(true);
    assert.equal(sources.problems.length, 1);
    assert.match(sources.problems[0]!, /^the key of \S+credentials\.json, the file \S+mounted\.key, is not there: /);
  });

  it('have several keys by number, up to a gap, or one a line', () => {
    assert.deepEqual(keysOf(sourcesOf({ [KEY]: 'a', [`${KEY}_1`]: 'b', [`${KEY}_2`]: 'c,d', [`${KEY}_4`]: 'e' })), [
      'a',
      'b',
      'c,d',
    ]);
    assert.deepEqual(keysOf(sourcesOf({ [`${KEY}_1`]: 'b' })), ['b']);
    write('one\r\n\n  two \nthree');
    assert.deepEqual(keysOf(sourcesOf({ [`${KEY}_FILE`]: file })), ['one', 'two', 'three']);
  });

  it("leave what is another scheme's variable to that scheme", () => {
    write('filed');
    const sources = sourcesOf({ [KEY]: 'a', [`${KEY}_1`]: 'b', [`${KEY}_FILE`]: file });
    assert.deepEqual(keysOf(sources, true), ['a']);
    assert.deepEqual(keysOf(sourcesOf({ [`${KEY}_1`]: 'b', [`${KEY}_FILE`]: file }), true), ['otherwise']);
  });

  it('are read again when a file changes, and only then', () => {
    write('before');
    const sources = sourcesOf({ [`${KEY}_FILE`]: file });
    const [first] = sources.get(KEY, false);
    const { version } = sources;
    sources.refresh();
    assert.equal(sources.version, version);
    assert.equal(sources.get(KEY, false)[0], first);
    write('after');
    sources.refresh();
    assert.notEqual(sources.version, version);
    assert.deepEqual(keysOf(sources), ['after']);
  });

  it('are read again when the store changes, by whatever process', () => {
    const sources = sourcesOf({});
    keep('one');
    sources.refresh();
    assert.deepEqual(keysOf(sources), ['one']);
    keep('two');
    sources.refresh();
    assert.deepEqual(keysOf(sources), ['two']);
    assert.deepEqual(told, []);
  });

  const BROKEN: readonly (readonly [name: string, spoil: () => void, problem: RegExp])[] = [
    ['is gone', () => rmSync(file), /_FILE cannot be read \(ENOENT\)$/],
    ['is empty', () => write('\n \n'), /_FILE holds no key: write one a line$/],
    [
      'can be written by anybody',
      () => chmodSync(file, 0o602),
      /_FILE can be written by anybody: run chmod o-w on it$/,
    ],
    ['is far too large', () => write('x'.repeat(65_537)), /_FILE is larger than 65536 bytes, and so holds no keys$/],
  ];
  for (const [name, spoil, problem] of BROKEN) {
    it(`stay as they were where a file ${name}, which is told once, and once more when it is well again`, () => {
      write('canary');
      const sources = sourcesOf({ [`${KEY}_FILE`]: file });
      spoil();
      sources.refresh();
      sources.refresh();
      assert.deepEqual(keysOf(sources), ['canary']);
      assert.equal(sources.problems.length, 1);
      assert.match(sources.problems[0]!, problem);
      assert.equal(sources.problems[0]!.includes(file) || sources.problems[0]!.includes('canary'), false);
      assert.deepEqual(told, [sources.problems]);
      write('new');
      sources.refresh();
      assert.deepEqual([keysOf(sources), sources.problems, told.length], [['new'], [], 2]);
    });
  }

  it('stay as they were where the store is broken', () => {
    keep('canary');
    const sources = sourcesOf({});
    writeFileSync(store.path, 'x');
    sources.refresh();
    assert.deepEqual(keysOf(sources), ['canary']);
    assert.match(sources.problems[0]!, /credentials\.json is damaged/);
  });

  it('are read again until that goes well, though nothing of the files changes any more', () => {
    keep('first');
    const sources = sourcesOf({});
    assert.deepEqual(keysOf(sources), ['first']);
    keep('second');
    const read = store.read.bind(store);
    store.read = () => {
      throw new CredentialStoreError('credentials.json cannot be read (EMFILE)');
    };
    sources.refresh();
    assert.deepEqual(keysOf(sources), ['first']);
    assert.deepEqual(sources.problems, ['credentials.json cannot be read (EMFILE)']);
    store.read = read;
    sources.refresh();
    assert.deepEqual(keysOf(sources), ['second']);
    assert.deepEqual(told, [['credentials.json cannot be read (EMFILE)'], []]);
  });

  it("are read again when the store's key is put right, which is not told of any more then", () => {
    keep('stored');
    const keyFile = join(dir, 'vault.key');
    chmodSync(keyFile, 0o644);
    const sources = sourcesOf({});
    assert.deepEqual(keysOf(sources), ['otherwise']);
    assert.match(sources.problems.join(), /vault\.key can be read by others \(mode 0644\): run chmod 600/);
    chmodSync(keyFile, 0o600);
    sources.refresh();
    assert.deepEqual([keysOf(sources), sources.problems, told.length], [['stored'], [], 2]);
    renameSync(keyFile, `${keyFile}.away`);
    sources.refresh();
    assert.match(sources.problems.join(), /the file \S+vault\.key, is not there: bring it back/);
    assert.deepEqual(keysOf(sources), ['stored']);
    renameSync(`${keyFile}.away`, keyFile);
    sources.refresh();
    assert.deepEqual([keysOf(sources), sources.problems], [['stored'], []]);
  });

  it('do without a file that is broken from the first, and tell of it', () => {
    const sources = sourcesOf({ [`${KEY}_FILE`]: join(dir, 'none') });
    assert.deepEqual(keysOf(sources), ['otherwise']);
    assert.equal(told.length, 1);
  });
});
