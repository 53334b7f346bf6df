import assert from 'node:assert/strict';

import type { Caller } from '../../runtime/account/authenticate.js';
import {
  checkMaxPrice,
  checkProblems,
  checkProvider,
  checkSelect,
  parseMaxPrice,
  refusedHold,
} from '../../runtime/call/refusal.js';
import { GatewayError } from '../../runtime/gateway-error.js';

/** What a caller is told of an error that is thrown, or null where none is. */
function told(work: () => unknown) {
  try {
    work();
    return null;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { code, message, charged } = error;
    assert.notEqual(error.remedy, '');
    assert.equal(charged, '0.000000');
    return [code, message];
  }
}

const caller = (providers?: readonly string[]): Caller => ({
  accountId: 'acct_1' as Caller['accountId'],
  keyId: 'key_1' as Caller['keyId'],
  accountName: 'test',
  ...(providers === undefined ? {} : { providers }),
});

describe('a refusal before the hold', () => {
  const CASES: readonly (readonly [name: string, work: () => unknown, want: readonly string[] | null])[] = [
    ['none for a good select', () => checkSelect('items[].name'), null],
    [
      'INVALID_SELECT for a wrong one',
      () => checkSelect('items[)'),
      ['INVALID_SELECT', 'select "items[)" is not JMESPath (Syntax error: expected Star, got: Rparen)'],
    ],
    ['none for a key without providers', () => checkProvider(caller(), 'github'), null],
    ['none for an allowed provider', () => checkProvider(caller(['github']), 'github'), null],
    [
      'PROVIDER_NOT_ALLOWED for another',
      () => checkProvider(caller(['nasa', 'github']), 'openai'),
      ['PROVIDER_NOT_ALLOWED', 'this API key may not call "openai", only nasa, github'],
    ],
    ['none without a problem', () => checkProblems('a/b', []), null],
    [
      'INVALID_ARGUMENTS with the first problem',
      () =>
        checkProblems('a/b', [
          { pointer: '/x', message: 'is missing' },
          { pointer: '/y', message: 'is wrong' },
        ]),
      ['INVALID_ARGUMENTS', 'the arguments do not fit a/b: /x is missing'],
    ],
    ['none for a call at max_price', () => checkMaxPrice(1_000n, '0.001', 1_000n), null],
    [
      'MAX_PRICE_EXCEEDED for one micro-USDC more',
      () => checkMaxPrice(1_001n, '0.001', undefined),
      ['MAX_PRICE_EXCEEDED', 'this call can cost up to 0.001001 USDC, above your max_price of 0.001'],
    ],
    [
      "BUDGET_EXCEEDED above the key's own limit",
      () => checkMaxPrice(1_001n, undefined, 1_000n),
      ['BUDGET_EXCEEDED', "this call can cost up to 0.001001 USDC, above this API key's limit of 0.001000 a call"],
    ],
    [
      'INVALID_REQUEST for a max_price that is no amount',
      () => parseMaxPrice('-1'),
      [
        'INVALID_REQUEST',
        'max_price: "-1" is not an amount of USDC: write a decimal with at most six places, like "0.0015"',
      ],
    ],
    [
      'INSUFFICIENT_FUNDS with what there is',
      () => {
        throw refusedHold({ outcome: 'insufficient-funds', availableMicroUsdc: 7n }, 1_000n, caller());
      },
      ['INSUFFICIENT_FUNDS', 'this call can cost up to 0.001000 USDC and 0.000007 are available'],
    ],
    [
      'BUDGET_EXCEEDED with what is left of the day',
      () => {
        throw refusedHold({ outcome: 'over-daily-limit', leftMicroUsdc: 7n }, 1_000n, caller());
      },
      [
        'BUDGET_EXCEEDED',
        'this call can cost up to 0.001000 USDC and this API key may spend 0.000007 more today (UTC)',
      ],
    ],
    [
      'ACCOUNT_FROZEN',
      () => {
        throw refusedHold({ outcome: 'frozen' }, 1_000n, caller());
      },
      ['ACCOUNT_FROZEN', 'the account acct_1 is frozen'],
    ],
  ];
  for (const [name, work, want] of CASES) {
    it(name, () => {
      assert.deepEqual(told(work), want);
    });
  }

  it('lists every problem with its pointer', () => {
    const problems = [
      { pointer: '/x', message: 'is missing' },
      { pointer: '/y', message: 'is wrong' },
    ];
    assert.throws(
      () => checkProblems('a/b', problems),
      (error: unknown) => {
        assert.deepEqual((error as GatewayError).details.problems, problems);
        return true;
      },
    );
  });

  it('names no remedy that there is no command for: the limits of a key are for good, and another key has others', () => {
    assert.equal(
      refusedHold({ outcome: 'over-daily-limit', leftMicroUsdc: 7n }, 1_000n, caller()).remedy,
      'wait for the next day, choose a cheaper endpoint, or ask the operator for a key with a higher daily limit',
    );
  });

  it('takes a frozen account and an empty one for errors that no retry mends', () => {
    assert.equal(refusedHold({ outcome: 'frozen' }, 1n, caller()).retryable, false);
    assert.equal(refusedHold({ outcome: 'insufficient-funds', availableMicroUsdc: 0n }, 1n, caller()).status, 402);
  });
});
