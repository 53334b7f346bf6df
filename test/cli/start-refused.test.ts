import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../runtime/clock.js';
import { creditByOperator } from '../../runtime/deposit/operator-credit.js';
import { openBooks } from '../../runtime/books.js';
import { readConfig } from '../../runtime/config.js';
import { writeCatalogue, type CatalogueOnDisk } from '../catalogue/a-catalogue.js';
import { runCommand, runCommands, type Finished } from './run-command.js';
import { dropTriggers, runSql } from './sqlite.js';

describe('a start that cannot be', function () {
  this.timeout(60_000);
  let dir: string;
  let catalogue: CatalogueOnDisk;
  let taken: Server;
  let port: number;
  const finished = new Map<string, Finished>();

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-refused-'));
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    ({ port } = taken.address() as AddressInfo);
    catalogue = writeCatalogue(['one']);
    catalogue.write('catalogue.json', '{}');
    writeFileSync(join(dir, 'a-file'), '');
    const newer = await books('newer');
    await runSql(newer, "INSERT INTO schema_versions (version, name, applied_at_ms) VALUES (99, 'later', 1)");
    const cooked = await books('cooked');
    await dropTriggers(cooked);
    await runSql(cooked, "UPDATE accounts SET credits_posted = credits_posted + 1 WHERE kind = 'buyer'");

    const starts: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      'port taken': { PORT: String(port), TOLLGATE_DATA_DIR: join(dir, 'fresh') },
      'data directory is a file': { TOLLGATE_DATA_DIR: join(dir, 'a-file') },
      'data directory where none can be made': { TOLLGATE_DATA_DIR: '/proc/tollgate/data' },
      'database where none can be made': {
        TOLLGATE_DATA_DIR: join(dir, 'fresh'),
        DATABASE_URL: 'sqlite:/proc/tollgate/tollgate.db',
      },
      'broken catalogue': { TOLLGATE_CATALOGUE: catalogue.dir, TOLLGATE_DATA_DIR: join(dir, 'fresh') },
      'wrong variable': { TOLLGATE_RATE_LIMIT: 'fast', TOLLGATE_DATA_DIR: join(dir, 'fresh') },
      'no key of the curve': { TOLLGATE_RECEIPT_KEY: '0'.repeat(64), TOLLGATE_DATA_DIR: join(dir, 'fresh') },
      'newer database': { TOLLGATE_DATA_DIR: join(dir, 'newer') },
      'cooked books': { TOLLGATE_DATA_DIR: join(dir, 'cooked') },
    };
    const names = Object.keys(starts);
    const results = await runCommands(names.map((name) => () => runCommand(['serve'], { PORT: '0', ...starts[name] })));
    names.forEach((name, index) => finished.set(name, results[index]!));
  });
  after(() => {
    taken.close();
    catalogue.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  /** A database of its own, with an account that has a credit. */
  async function books(name: string): Promise<string> {
    const dataDir = join(dir, name);
    mkdirSync(dataDir);
    const { store, accounts, ledger } = await openBooks(readConfig({ TOLLGATE_DATA_DIR: dataDir }, {}));
    const accountId = await accounts.create('someone');
    await creditByOperator(ledger, systemClock, { accountId, amountMicroUsdc: 1_000_000n });
    await store.close();
    return join(dataDir, 'tollgate.db');
  }

  const CASES: readonly (readonly [name: string, want: () => string | RegExp])[] = [
    ['port taken', () => `127.0.0.1:${port} is taken; stop what listens there or set PORT to another port`],
    [
      'data directory is a file',
      () =>
        `cannot write the receipt key ${dir}/a-file/receipt.key (EEXIST): make ${dir}/a-file a directory that this user can write (TOLLGATE_DATA_DIR names it), or set TOLLGATE_RECEIPT_KEY`,
    ],
    [
      'data directory where none can be made',
      () => /^cannot write the receipt key \/proc\/tollgate\/data\/receipt\.key \(E[A-Z]+\): make /,
    ],
    [
      'database where none can be made',
      () => /^cannot write the database file \/proc\/tollgate\/tollgate\.db \(E[A-Z]+\): make /,
    ],
    [
      'broken catalogue',
      () =>
        `${catalogue.dir}/catalogue.json is not the file that the manifest names (its SHA-256 differs); make the catalogue anew with \`npm run generate\``,
    ],
    [
      'wrong variable',
      () => 'TOLLGATE_RATE_LIMIT is "fast", neither "off" nor calls a second above 0; example: TOLLGATE_RATE_LIMIT=50',
    ],
    ['no key of the curve', () => /^TOLLGATE_RECEIPT_KEY holds no receipt key: [^0]*$/],
    [
      'newer database',
      () =>
        /newer\/tollgate\.db: the database has schema version 99, and this version of tollgate knows \d+ at most: run the newer tollgate/,
    ],
    ['cooked books', () => /^the ledger does not hold: .*; no calls are taken; see `tollgate ledger check`$/],
  ];
  for (const [name, want] of CASES) {
    it(`says so in one line, without a stack, and exits 1: ${name}`, () => {
      const { code, stdout, stderr } = finished.get(name)!;
      assert.deepEqual([code, stdout], [1, ''], stderr);
      const [, line = ''] = /^tollgate: (.*)\n$/.exec(stderr) ?? [];
      assert.notEqual(line, '', `more or less than one line: ${stderr}`);
      const wanted = want();
      if (typeof wanted === 'string') assert.equal(line, wanted);
      else assert.match(line, wanted);
    });
  }
});
