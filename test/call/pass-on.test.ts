import assert from 'node:assert/strict';

import { passOn } from '../../runtime/call/pass-on.js';
import { Secret } from '../../runtime/credential/secret.js';

const EVENTS = { 'content-type': 'text/event-stream' };

function passedOn(
  text: string,
  secrets: readonly Secret[] = [],
  status = 200,
  headers: Record<string, string> = EVENTS,
) {
  const records: string[] = [];
  const onPiece = passOn((record) => records.push(record), secrets)({ status, headers });
  for (const byte of Buffer.from(text)) onPiece?.(Uint8Array.of(byte));
  return records;
}

describe('what is passed on of a stream', () => {
  it('are its records, in whole characters', () => {
    assert.deepEqual(passedOn('data: ä\n\ndata: 🙂\n\n'), ['ä', '🙂']);
  });

  it('is never the credential, however it is spelt, and not cut in the middle of it', () => {
    const secret = new Secret('sk-very+secret/value');
    const spelt = ['sk-very+secret/value', 'sk-very\\u002bsecret\\/value', 'sk-very%2Bsecret%2Fvalue'];
    const records = passedOn(spelt.map((text) => `data: {"key":"${text}"}\n\n`).join(''), [secret]);
    assert.deepEqual(records, Array(3).fill('{"key":"[redacted]"}'));
    const [cut] = passedOn(`data: ${'x'.repeat(16_380)}sk-very+secret/value\n\n`, [secret]);
    assert.equal(cut!.slice(16_380), '[red');
  });

  it('is no error, nothing that is no stream, and nothing that is encoded', () => {
    assert.deepEqual(passedOn('data: 1\n\n', [], 500), []);
    assert.deepEqual(passedOn('data: 1\n\n', [], 200, { 'content-type': 'text/plain' }), []);
    assert.deepEqual(passedOn('data: 1\n\n', [], 200, { ...EVENTS, 'content-encoding': 'gzip' }), []);
  });

  it('ends at 10,000 records, and cuts a long one', () => {
    assert.equal(passedOn('data: 1\n\n'.repeat(10_001)).length, 10_000);
    assert.equal(passedOn(`data: ${'x'.repeat(20_000)}\n\n`)[0]!.length, 16_384);
  });
});
