import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Receipt } from '../../runtime/receipt/receipt.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { startTestGateway } from '../fixtures/test-gateway.js';
import { runCommand, runCommands, type Finished } from './run-command.js';

describe('tollgate receipt verify', function () {
  this.timeout(60_000);
  let dir: string;
  let receipt: Receipt;
  const finished = new Map<string, Finished>();

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tollgate-receipt-'));
    const gateway = await startTestGateway();
    let answer: { receipt: Receipt; body_base64: string };
    let report: { receipt: Receipt; body: object; charged: string };
    let keys: string;
    try {
      const { apiKey } = await gateway.account('1');
      const called = await askPlainHttp(`${gateway.url}/v1/call/sandbox/get-logo`, apiKey, {});
      answer = called.body as unknown as typeof answer;
      const reported = await askPlainHttp(`${gateway.url}/v1/call/sandbox/get-report`, apiKey, {});
      report = reported.body as typeof report;
      keys = await (await fetch(`${gateway.url}/.well-known/tollgate-receipt-keys.json`)).text();
    } finally {
      await gateway.close();
    }
    receipt = answer.receipt;
    const file = (name: string, content: string | Buffer): string => {
      writeFileSync(join(dir, name), content);
      return join(dir, name);
    };
    const good = file('receipt.json', JSON.stringify(receipt));
    const published = file('keys.json', keys);
    const forged = { ...receipt, message: { ...receipt.message, amountMicroUsdc: '1' } };
    const other = `0x${'1'.repeat(40)}`;
    const runs: Readonly<Record<string, readonly [args: readonly string[], input?: string]>> = {
      'with the published keys and the body': [
        [good, '--keys', published, '--body', file('logo.png', Buffer.from(answer.body_base64, 'base64'))],
      ],
      'a whole answer from standard input, as JSON': [
        ['-', '--json', '--signer', receipt.signer],
        JSON.stringify(answer),
      ],
      "the result of MCP's tool": [
        ['-', '--json', '--signer', receipt.signer],
        JSON.stringify({ content: [], structuredContent: answer }),
      ],
      'with a byte order mark, as its keys': [
        [file('marked.json', `\ufeff${JSON.stringify(receipt)}`), '--keys', file('marked-keys.json', `\ufeff${keys}`)],
      ],
      'an answer with another charge': [
        [file('charge.json', JSON.stringify({ ...answer, charged: '0.001000' })), '--keys', published],
      ],
      'an answer with other bytes': [
        [file('bytes.json', JSON.stringify({ ...answer, body_base64: 'AAAA' })), '--keys', published, '--json'],
      ],
      'an answer of JSON': [[file('report.json', JSON.stringify({ ...report, body: {} })), '--keys', published]],
      'with nobody to trust': [[good]],
      tampered: [[file('forged.json', JSON.stringify(forged)), '--keys', published, '--json']],
      'signed by another': [[good, '--signer', other]],
      'another body': [[good, '--keys', published, '--body', file('other.png', 'other')]],
      'null from standard input': [['-'], 'null'],
      'an amount twice': [['-'], JSON.stringify(receipt).replace('"message":{', '"message":{"amountMicroUsdc":"1",')],
      'no JSON from standard input': [['-'], 'no json'],
      'keys that are none': [[good, '--keys', good]],
      'a key that is null': [[good, '--keys', file('null.json', '{"keys":[null]}')]],
      'a key without its time': [
        [good, '--keys', file('timeless.json', JSON.stringify({ keys: [{ address: receipt.signer }] }))],
      ],
      'keys that are no JSON': [[good, '--keys', file('keys.html', '<html>')]],
      'no file': [[join(dir, 'none.json')]],
      'no file of the body': [[good, '--body', join(dir, 'none.png')]],
      'a folder': [[dir]],
    };
    const names = Object.keys(runs);
    const results = await runCommands(
      names.map((name) => () => runCommand(['receipt', 'verify', ...runs[name]![0]], {}, runs[name]![1])),
    );
    names.forEach((name, index) => finished.set(name, results[index]!));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('exits 0 for a receipt that is valid, and says what it is for', () => {
    const { code, stdout, stderr } = finished.get('with the published keys and the body')!;
    assert.deepEqual([code, stderr], [0, '']);
    const { message, signer } = receipt;
    const [first, second, third, ...rest] = stdout.split('\n');
    assert.equal(first, `valid: ${message.receiptId}, number 1 of ${message.account}`);
    assert.match(second!, /^ {7}sandbox\/get-logo for 0\.003000 USDC at \d{4}-\d\d-\d\dT/);
    assert.equal(third, `       signed by ${signer}`);
    assert.deepEqual(rest, ['']);
  });

  it('reads files that begin with a byte order mark, as some editors and shells write them', () => {
    const { code, stdout, stderr } = finished.get('with a byte order mark, as its keys')!;
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^valid: /);
  });

  it('reads the whole answer of a call from standard input, and prints nothing but JSON', () => {
    for (const name of ['a whole answer from standard input, as JSON', "the result of MCP's tool"]) {
      const { code, stdout, stderr } = finished.get(name)!;
      assert.deepEqual([code, stderr], [0, ''], name);
      const { signer } = receipt;
      assert.deepEqual(JSON.parse(stdout), { valid: true, signer, pinned: true, bodyCompared: true }, name);
    }
  });

  it('says that it does not know the signer where none is named', () => {
    const { code, stdout, stderr } = finished.get('with nobody to trust')!;
    assert.equal(code, 0);
    assert.match(stderr, /^tollgate: warning: who signed was not checked: .* --keys or --signer\n$/);
    assert.match(stdout, /which this check does not know: name the key that you trust with --keys or --signer\n$/);
  });

  it('exits 1 for a receipt in which a field was changed', () => {
    const { code, stdout } = finished.get('tampered')!;
    const reason = 'digest is not that of the message: a field was changed';
    assert.deepEqual([code, JSON.parse(stdout)], [1, { valid: false, reason }]);
  });

  it('exits 1 for an answer in which the charge or the body was changed', () => {
    const { code, stdout } = finished.get('an answer with another charge')!;
    assert.deepEqual(
      [code, stdout],
      [1, 'not valid: the answer says charged "0.001000", and the receipt is for 0.003000 USDC\n'],
    );
    const other = finished.get('an answer with other bytes')!;
    const reason = 'the body is not the one whose digest the receipt has';
    assert.deepEqual([other.code, JSON.parse(other.stdout)], [1, { valid: false, reason }]);
  });

  it('says that the body was not compared where the answer does not hold its bytes', () => {
    const { code, stdout } = finished.get('an answer of JSON')!;
    assert.equal(code, 0);
    const [last] = stdout.trimEnd().split('\n').slice(-1);
    assert.equal(
      last,
      '       the body was not compared: the answer holds what was read of it, not its bytes; give it as it came with --body',
    );
  });

  const INVALID: readonly (readonly [name: string, stdout: RegExp])[] = [
    ['signed by another', /^not valid: signer 0x\w+ is not a trusted key\n$/],
    ['another body', /^not valid: answerDigest is not that of the body\n$/],
    ['null from standard input', /^not valid: receipt is no object\n$/],
  ];
  for (const [name, stdout] of INVALID) {
    it(`exits 1 and says why: ${name}`, () => {
      const run = finished.get(name)!;
      assert.deepEqual([run.code, run.stderr], [1, '']);
      assert.match(run.stdout, stdout);
    });
  }

  it('exits 1 with one line on standard error for what is not JSON, and so no receipt', () => {
    const run = finished.get('no JSON from standard input')!;
    assert.deepEqual([run.code, run.stdout], [1, '']);
    assert.match(run.stderr, /^tollgate: standard input is not JSON \(.*\)\n$/);
  });

  it('exits 1 for a receipt that shows one amount to its reader and another to the verifier', () => {
    assert.deepEqual(finished.get('an amount twice'), {
      code: 1,
      stdout: '',
      stderr: 'tollgate: standard input has a field twice, of which readers take the one or the other: trust neither\n',
    });
  });

  const UNREADABLE: readonly (readonly [name: string, stderr: RegExp])[] = [
    ['no file', /^tollgate: \S+none\.json cannot be read: there is no such file\n$/],
    ['no file of the body', /^tollgate: \S+none\.png cannot be read: there is no such file\n$/],
    ['a folder', /^tollgate: \S+ cannot be read: it is a folder\n$/],
    ['keys that are none', /^tollgate: \S+receipt\.json has no list "keys": save \/\.well-known\/\S+ as it is\n$/],
    [
      'a key that is null',
      /^tollgate: \S+null\.json: keys\[0\] is no address with the seconds in which it signs: save /,
    ],
    [
      'a key without its time',
      /^tollgate: \S+timeless\.json: keys\[0\] is no address with the seconds in which it signs: save /,
    ],
    ['keys that are no JSON', /^tollgate: \S+keys\.html is not JSON \(.*\)\n$/],
  ];
  for (const [name, stderr] of UNREADABLE) {
    it(`exits 2 with one line on standard error: ${name}`, () => {
      const run = finished.get(name)!;
      assert.deepEqual([run.code, run.stdout], [2, '']);
      assert.match(run.stderr, stderr);
    });
  }
});
