import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Command } from 'commander';

import { accountCommand } from '../../runtime/cli/account-command.js';
import { backupCommand } from '../../runtime/cli/backup-command.js';
import { demoCommand } from '../../runtime/cli/demo-command.js';
import { keyCommand } from '../../runtime/cli/key-command.js';
import { ledgerCommand } from '../../runtime/cli/ledger-command.js';
import { receiptCommand } from '../../runtime/cli/receipt-command.js';
import { sandboxCommand } from '../../runtime/cli/sandbox-command.js';
import { serveCommand } from '../../runtime/cli/serve-command.js';
import { statementCommand } from '../../runtime/cli/statement-command.js';
import { PACKAGE_ROOT } from '../../runtime/package-root.js';
import { runCommand, runCommands, type Finished } from './run-command.js';

const COMMANDS = [
  serveCommand(),
  demoCommand(),
  accountCommand(),
  keyCommand(),
  receiptCommand(),
  statementCommand(),
  ledgerCommand(),
  backupCommand(),
  sandboxCommand(),
];

function withChildren(command: Command, parents: string): readonly (readonly [name: string, command: Command])[] {
  const name = `${parents}${command.name()}`;
  return [[name, command], ...command.commands.flatMap((child) => withChildren(child, `${name} `))];
}

describe('the usage of the command', () => {
  for (const [name, command] of COMMANDS.flatMap((item) => withChildren(item, ''))) {
    it(`explains ${name}, its arguments and its options`, () => {
      assert.notEqual(command.description(), '');
      for (const option of command.options) assert.notEqual(option.description, '', option.flags);
      for (const argument of command.registeredArguments) assert.notEqual(argument.description, '', argument.name());
      assert.match(command.helpInformation(), /-h, --help/);
    });
  }

  it('shows the default of a length of time as it is written', () => {
    const rotate = receiptCommand().commands.find((command) => command.name() === 'rotate-key')!;
    assert.match(rotate.helpInformation(), /\(default: 1h\)/);
  });

  it('ends no key while a call may be under way that it is to sign for', async () => {
    const args = ['receipt', 'retire-key', `0x${'1'.repeat(40)}`, '--overlap', '1m'];
    const { code, stderr } = await runCommand(args, {});
    assert.equal(code, 2);
    assert.match(stderr, /write at least 15m: a call that is under way may be captured minutes from now/);
  });

  it('exits 1 and says so where its answer cannot be written', function () {
    this.timeout(60_000);
    if (!existsSync('/dev/full')) this.skip();
    for (const args of [['credential', 'list', '--json'], ['--help']]) {
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--import', 'tsx/esm', join(PACKAGE_ROOT, 'runtime/cli/tollgate.ts'), ...args],
        {
          cwd: PACKAGE_ROOT,
          env: { PATH: process.env['PATH'], TOLLGATE_DATA_DIR: join(tmpdir(), 'tollgate-nothing-is-here') },
          stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
          encoding: 'utf8',
        },
      );
      assert.deepEqual(
        [status, stderr],
        [1, 'tollgate: standard output cannot be written (ENOSPC): the answer is lost, and what was done stays done\n'],
      );
    }
  });

  describe('from a shell', function () {
    this.timeout(60_000);
    const RUNS = {
      help: ['--help'],
      nothing: [],
      unknownCommand: ['sevre'],
      missingOption: ['account', 'create'],
      shortOverlap: ['receipt', 'rotate-key', '--overlap', '1m'],
      wrongValue: ['key', 'create', '--expires', '3y'],
      specsAlone: ['serve', '--specs', 'specs'],
      otherDatabase: ['serve', '--db', 'mysql://ada:canary@localhost/x'],
      noName: ['account', 'create', '--name', ''],
      noAddress: ['receipt', 'verify', '-', '--signer', 'foo'],
      demoWithoutKey: ['demo', '--url', 'http://127.0.0.1:9'],
      demoOfNothing: ['demo', '--url', 'nonsense', '--key', 'x'],
      noSuchFile: ['statement', 'verify', '/no/such.json'],
    } as const;
    const finished = {} as Record<keyof typeof RUNS, Finished>;
    before(async () => {
      const names = Object.keys(RUNS) as (keyof typeof RUNS)[];
      const results = await runCommands(names.map((name) => () => runCommand(RUNS[name])));
      names.forEach((name, index) => (finished[name] = results[index]!));
    });

    it('helps on standard output, and exits 0', () => {
      assert.deepEqual([finished.help.code, finished.help.stderr], [0, '']);
      for (const name of ['serve', 'demo', 'generate', 'add', 'import', ...COMMANDS.map((command) => command.name())]) {
        assert.match(finished.help.stdout, new RegExp(`^  ${name} `, 'm'));
      }
    });

    const WRONG: readonly (readonly [name: keyof typeof RUNS, stderr: RegExp])[] = [
      ['nothing', /^Usage: tollgate /],
      ['unknownCommand', /^error: unknown command 'sevre'\n\(Did you mean serve\?\)/],
      ['missingOption', /^error: required option '--name <name>' not specified/],
      ['shortOverlap', /argument '1m' is invalid\. write at least 2m: a gateway takes the new key within ten seconds/],
      ['wrongValue', /argument '3y' is invalid\. write it like 30d, 12h or 45m/],
      ['specsAlone', /^error: --specs is for --watch/],
      [
        'otherDatabase',
        /^error: --db starts with neither "sqlite:" nor "postgres:\/\/"; example: --db sqlite:data\/tollgate\.db\n/,
      ],
      ['noName', /argument '' is invalid\. a name has to have something in it/],
      ['noAddress', /argument 'foo' is invalid\. an address is 0x and 40 hex digits/],
      ['demoWithoutKey', /^error: --url and --key go together: the demo needs an API key/],
      ['demoOfNothing', /argument 'nonsense' is invalid\. write it like http:\/\/127\.0\.0\.1:8402/],
      ['noSuchFile', /^tollgate: \/no\/such\.json cannot be read: there is no such file\n$/],
    ];
    for (const [name, stderr] of WRONG) {
      it(`exits 2 for wrong usage (${RUNS[name].join(' ') || 'no command at all'}), with nothing on standard output`, () => {
        assert.deepEqual([finished[name].code, finished[name].stdout], [2, '']);
        assert.match(finished[name].stderr, stderr);
      });
    }
  });
});
