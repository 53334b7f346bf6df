import assert from 'node:assert/strict';
import type { Price } from '../../../generator/contract.js';
import { amountRemedy } from '../../../generator/price/amount-remedy.js';
import { describePrice } from '../../../generator/price/describe-price.js';
import { microUsdc } from '../../../generator/price/price-faults.js';
import { priceOperations } from '../../../generator/price/price-operations.js';
import { Findings } from '../../../generator/report/findings.js';
import type { OperationSettings, Settings } from '../../../generator/settings/settings.js';
import { anOperation, located } from '../an-operation.js';

const call = (amount: string): Price => ({ model: 'per_call', amount });
const FREE: Price = { model: 'free' };
const operation = anOperation({ operationId: 'listPets', tags: ['pets'], method: 'GET', path: '/pets' });

function priced(settings: Settings, own: OperationSettings = {}) {
  const findings = new Findings();
  const [result] = priceOperations([operation], new Map([[operation.pointer, own]]), located(settings), 'p', findings);
  assert.ok(result);
  return { price: result.price, charge: result.charge, findings };
}

describe('the price of an operation', () => {
  const CASES: [name: string, settings: Settings, own: OperationSettings, want: Price][] = [
    ['is 0.001 USDC a call where nobody says anything', {}, {}, call('0.001')],
    ['is the default of the provider', { pricing: { default: call('0.5') } }, {}, call('0.5')],
    ['is its own before the default', { pricing: { default: call('0.5') } }, { price: FREE }, FREE],
    [
      "is a rule's before its own",
      { pricing: { rules: [{ match: { tag: 'pets' }, price: call('2') }] } },
      { price: FREE },
      call('2'),
    ],
    [
      'is that of the first rule that matches',
      {
        pricing: {
          rules: [
            { match: { tag: 'other' }, price: call('1') },
            { match: { method: 'GET' }, price: call('2') },
            { match: { tag: 'pets' }, price: call('3') },
          ],
        },
      },
      {},
      call('2'),
    ],
  ];
  for (const [name, settings, own, want] of CASES) {
    it(name, () => assert.deepEqual(priced(settings, own).price, want));
  }

  it('keeps an amount as it was written', () => {
    assert.deepEqual(priced({ pricing: { default: call('0.10') } }).price, call('0.10'));
  });
});

describe('the charging rule of an operation', () => {
  const CASES: [name: string, settings: Settings, own: OperationSettings, want: object][] = [
    ['charges 2xx where nobody says anything', {}, {}, { on: ['2xx'] }],
    [
      "is the provider's, with statuses as text",
      { charge: { on: ['2XX', 304], void_if: 'errors[0]' } },
      {},
      { on: ['2xx', '304'], voidIf: 'errors[0]' },
    ],
    ["is the operation's own first", { charge: { on: ['2xx'] } }, { charge: { on: [201] } }, { on: ['201'] }],
  ];
  for (const [name, settings, own, want] of CASES) {
    it(name, () => assert.deepEqual(priced(settings, own).charge, want));
  }
});

describe('a pricing rule', () => {
  it('is warned of where it matches nothing', () => {
    const { findings } = priced({ pricing: { rules: [{ match: { path: '/none' }, price: FREE }] } });
    assert.deepEqual(
      findings.warnings.map(({ rule, pointer, message }) => [rule, pointer, message]),
      [['pricing-rule-unused', '/pricing/rules/0', 'the pricing rule {"path":"/none"} matches no operation']],
    );
  });

  it('is warned of where earlier rules leave it nothing', () => {
    const { findings } = priced({
      pricing: {
        rules: [
          { match: { method: 'GET' }, price: FREE },
          { match: { tag: 'pets' }, price: FREE },
        ],
      },
    });
    assert.deepEqual(
      findings.warnings.map(({ pointer, message }) => [pointer, message]),
      [
        [
          '/pricing/rules/1',
          'the pricing rule {"tag":"pets"} never applies: earlier rules match all of its operations',
        ],
      ],
    );
  });
});

describe('a name in a pricing rule', () => {
  it('is warned of where no operation has it, with the nearest that one has', () => {
    const { findings } = priced({
      pricing: { rules: [{ match: { operationId: ['listPets', 'lstPets'] }, price: FREE }] },
    });
    assert.deepEqual(
      findings.warnings.map(({ rule, message, remedy }) => [rule, message, remedy]),
      [['pricing-rule-unused', 'no operation has the operationId "lstPets"', 'did you mean "listPets"?']],
    );
  });
});

describe('the remedy for an amount that is none', () => {
  const CASES: [name: string, value: unknown, want: string][] = [
    ['a number', 0.001, 'write it in quotes: "0.001"'],
    ['a number with an exponent', 1e-6, 'write it in quotes: "0.000001"'],
    ['a number that is too small', 1e-7, 'write it without an exponent'],
    ['a negative number', -1, 'write an amount that is not negative; model: free costs nothing'],
    ['an exponent in a text', '1e-3', 'write it without an exponent: "0.001"'],
    ['seven places', '0.0000001', 'round it to six places: 0.000001 is the smallest amount that there is'],
    ['thirteen digits', '1000000000000', 'write at most 999999999999.999999'],
    ['a comma', '0,001', 'write USDC as a decimal with at most six places, such as "0.001"'],
    ['a currency', '$1', 'write USDC as a decimal with at most six places, such as "0.001"'],
    ['infinity', Infinity, 'write USDC as a decimal with at most six places, such as "0.001"'],
    ['a list', ['1'], 'write USDC as a decimal with at most six places, such as "0.001"'],
  ];
  for (const [name, value, want] of CASES) it(`for ${name}`, () => assert.equal(amountRemedy(value), want));
});

describe('an amount', () => {
  const CASES: [amount: string, want: bigint][] = [
    ['0', 0n],
    ['1', 1_000_000n],
    ['0.000001', 1n],
    ['0.10', 100_000n],
    ['12.5', 12_500_000n],
    ['9007199254.740993', 9_007_199_254_740_993n],
  ];
  for (const [amount, want] of CASES)
    it(`of ${amount} USDC is ${want} micro-USDC`, () => assert.equal(microUsdc(amount), want));
});

describe('a price in words', () => {
  const CASES: [price: Price, want: string][] = [
    [FREE, 'free'],
    [call('0.001'), '0.001 USDC a call'],
    [
      { model: 'per_unit', unit: 'token', amount: '0.60', per: 1_000_000, meter: 'n', min: '0.0001', max: '0.05' },
      '0.60 USDC for 1000000 token, at least 0.0001, at most 0.05',
    ],
    [
      { model: 'per_unit', unit: 'page', amount: '0.1', per: 1, meter: 'n', max: '1' },
      '0.1 USDC for 1 page, at most 1',
    ],
  ];
  for (const [price, want] of CASES) it(want, () => assert.equal(describePrice(price), want));
});
