import assert from 'node:assert/strict';
import { warnUnpriced } from '../../../generator/price/warn-unpriced.js';
import { Findings } from '../../../generator/report/findings.js';
import type { OperationSettings, Settings } from '../../../generator/settings/settings.js';
import { anOperation } from '../an-operation.js';

const LIST = anOperation();
const ADD = anOperation({ operation: 'add-pet', pointer: '/paths/~1pets/post' });
const OWN: OperationSettings = { price: { model: 'free' } };

describe('a warning of what nobody priced', () => {
  const ROWS: readonly [
    name: string,
    settings: Settings,
    own: readonly [string, OperationSettings][],
    want: string[],
  ][] = [
    [
      'is one a provider',
      {},
      [],
      ['no price is set for 2 of 2 operations, each call costs the fallback of 0.001 USDC'],
    ],
    [
      'counts the operations that have no price of their own',
      {},
      [[LIST.pointer, OWN]],
      ['no price is set for 1 of 2 operations, each call costs the fallback of 0.001 USDC'],
    ],
    [
      'is not given where each operation has a price of its own',
      {},
      [
        [LIST.pointer, OWN],
        [ADD.pointer, OWN],
      ],
      [],
    ],
    ['is not given where there is a pricing', { pricing: { default: { model: 'free' } } }, [], []],
  ];
  for (const [name, settings, own, want] of ROWS) {
    it(name, () => {
      const findings = new Findings();
      warnUnpriced([LIST, ADD], new Map(own), settings, { file: 'pets.json', pointer: '' }, 'pets', findings);
      assert.deepEqual(
        findings.warnings.map(({ message }) => message),
        want,
      );
    });
  }
});
