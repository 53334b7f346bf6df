import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';

import { pino } from 'pino';

import type { RefusalStatus } from '../../runtime/credential/credential.js';
import { tellRefusals } from '../../runtime/credential/tell-refusals.js';

describe('a credential that an upstream refuses', () => {
  it('is counted each time, and told to the log once a minute for each provider and status', () => {
    const lines = new PassThrough();
    let nowMs = 1_000_000;
    const counted: string[] = [];
    const refused = tellRefusals(
      pino({ base: null, timestamp: false }, lines),
      { nowMs: () => nowMs, randomBytes: () => new Uint8Array() },
      (provider, status) => counted.push(`${provider} ${status}`),
    );
    const tell = (provider: string, status: RefusalStatus) => refused({ provider, schemes: ['key'], status });
    tell('acme', 401);
    tell('acme', 401);
    tell('acme', 403);
    tell('other', 401);
    nowMs += 59_999;
    tell('acme', 401);
    nowMs += 1;
    tell('acme', 401);
    assert.deepEqual(counted, ['acme 401', 'acme 401', 'acme 403', 'other 401', 'acme 401', 'acme 401']);
    const line = (provider: string, status: number) =>
      `{"level":40,"provider":"${provider}","schemes":["key"],"status":${status},"msg":"an upstream refused its credential"}\n`;
    assert.equal(String(lines.read()), line('acme', 401) + line('acme', 403) + line('other', 401) + line('acme', 401));
  });
});
