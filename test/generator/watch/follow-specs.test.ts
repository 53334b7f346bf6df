import assert from 'node:assert/strict';
import { mock } from 'node:test';

import { followSpecs, type FollowMessage } from '../../../generator/watch/follow-specs.js';
import type { LiveCatalogue, LiveStep, ProviderStep } from '../../../generator/watch/live-catalogue.js';

const REFUSED: ProviderStep = {
  provider: 'a',
  step: 'refused',
  endpoints: 0,
  served: false,
  refused: [{ provider: 'a', file: 'a.json', pointer: '', line: 1, column: 2, rule: 'r', message: 'm', remedy: 'do' }],
};
const TOLD = ['refused a: m', '  at a.json:1:2 [r]', '  → do', '  a is not served'];

describe('following specs/', () => {
  let sent: FollowMessage[];
  let next: readonly ProviderStep[];
  let touch: (provider: string) => void;
  beforeEach(async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'] });
    sent = [];
    next = [];
    const follow = (): Promise<LiveStep> =>
      Promise.resolve({ providers: next, total: { providers: 1, endpoints: 2 }, catalogue: 'folder' });
    await followSpecs({
      specsDir: 'specs',
      watch: (onTouched) => {
        touch = onTouched;
        return Promise.resolve();
      },
      open: () => Promise.resolve({ follow, rehearse: () => Promise.resolve() } as unknown as LiveCatalogue),
      send: (message) => sent.push(message),
    });
  });
  afterEach(() => mock.timers.reset());

  /** Time passes, and what waits for it is done. */
  async function pass(ms: number): Promise<void> {
    mock.timers.tick(ms);
    await new Promise((resolve) => setImmediate(resolve));
  }

  it('says at the start what there is', () => {
    assert.deepEqual(sent, [{ told: ['watching specs: 2 endpoints of 1 providers'], catalogue: 'folder' }]);
  });

  it('tells of a document that is refused only when it has been left alone', async () => {
    next = [REFUSED];
    touch('a');
    await pass(300);
    await pass(900);
    assert.equal(sent.flatMap(({ told }) => told).includes(TOLD[0]!), false);
    await pass(200);
    assert.deepEqual(sent.at(-1)!.told, TOLD);
  });

  it('never tells of one that was refused while it was being written', async () => {
    next = [REFUSED];
    touch('a');
    await pass(300);
    await pass(500);
    touch('a');
    next = [{ provider: 'a', step: 'new', endpoints: 3 }];
    await pass(300);
    await pass(5_000);
    assert.deepEqual(
      sent.slice(1).flatMap(({ told }) => told),
      ['a: 3 endpoints, new'],
    );
  });

  it('goes on where one look at the documents failed', async () => {
    next = [
      {
        provider: 'a',
        step: 'new',
        get endpoints(): number {
          throw new Error('the disk is full');
        },
      },
    ];
    touch('a');
    await pass(300);
    assert.deepEqual(sent.at(-1), { told: ['specs was not followed: the disk is full'] });
    next = [{ provider: 'a', step: 'gone', endpoints: 0 }];
    touch('a');
    await pass(300);
    assert.deepEqual(sent.at(-1), { told: ['a is gone'], catalogue: 'folder' });
  });
});
