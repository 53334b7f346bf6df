import assert from 'node:assert/strict';

import { pino } from 'pino';

import { GatewayError } from '../runtime/gateway-error.js';
import { createReadiness, type ReadinessOptions } from '../runtime/readiness.js';

describe('readiness', () => {
  let writes: number;
  let options: ReadinessOptions;
  beforeEach(() => {
    writes = 0;
    options = {
      store: { write: () => ((writes += 1), Promise.resolve([] as never)) },
      ledger: { assertTakesCalls: () => undefined, failsCalls: () => false },
      endpoints: () => 1,
      draining: () => false,
      logger: pino({ level: 'silent' }),
    };
  });
  const problems = (differences: Partial<ReadinessOptions> = {}) => createReadiness({ ...options, ...differences })();

  it('is there where a write is done, calls are taken and there is something to call', async () => {
    assert.deepEqual(await problems(), []);
    assert.equal(writes, 1);
  });

  const failing = { write: () => Promise.reject(new Error('SQLITE_FULL: canary')) };
  const refusing = {
    failsCalls: () => false,
    assertTakesCalls: () => {
      throw new GatewayError('STORE_UNAVAILABLE', 'the gateway takes no calls, because …', 'tell the operator');
    },
  };
  const CASES: readonly (readonly [name: string, given: Partial<ReadinessOptions>, want: readonly string[]])[] = [
    [
      'the store takes no writes, without the words of its driver',
      { store: failing },
      ['the database takes no writes'],
    ],
    [
      'a write hangs',
      { store: { write: () => new Promise(() => undefined) }, writeTimeoutMs: 10 },
      ['the database does not take writes in time'],
    ],
    ['the books are broken or the key ends', { ledger: refusing }, ['the gateway takes no calls, because …']],
    [
      'calls could not be stored, although a write can',
      { ledger: { assertTakesCalls: () => undefined, failsCalls: () => true } },
      ['the last call could not be stored'],
    ],
    ['the catalogue is empty', { endpoints: () => 0 }, ['the catalogue has no endpoints']],
    [
      'it shuts down, and nothing else is looked at',
      { draining: () => true, store: failing },
      ['the gateway is shutting down'],
    ],
    [
      'several things are wrong',
      { store: failing, ledger: refusing },
      ['the gateway takes no calls, because …', 'the database takes no writes'],
    ],
  ];
  for (const [name, given, want] of CASES) {
    it(`is not there where ${name}`, async () => assert.deepEqual(await problems(given), want));
  }

  it('costs one write for any number of those who ask within a moment', async () => {
    const ask = createReadiness(options);
    await Promise.all(Array.from({ length: 100 }, ask));
    await ask();
    assert.equal(writes, 1);
  });

  it('lets a bug be a bug', async () => {
    const ledger = {
      failsCalls: () => false,
      assertTakesCalls: () => {
        throw new TypeError('a bug');
      },
    };
    await assert.rejects(problems({ ledger }), TypeError);
  });
});
