import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import type { AccountId } from '../../runtime/ledger/ledger.js';
import { Turns } from '../../runtime/ledger/turns.js';

describe('long reads in turn', () => {
  const ONE = 'acct_1' as AccountId;
  const OTHER = 'acct_2' as AccountId;

  /** Work that is noted when it begins, and ends when it is told to. */
  function works() {
    const begun: string[] = [];
    const ends = new Map<string, { resolve: (result: string) => void; reject: (error: Error) => void }>();
    const work = (name: string) => () => {
      begun.push(name);
      return new Promise<string>((resolve, reject) => ends.set(name, { resolve, reject }));
    };
    return {
      begun,
      work,
      end: (name: string) => ends.get(name)!.resolve(name),
      fail: (name: string) => ends.get(name)!.reject(new Error(name)),
    };
  }

  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('does one of an account at a time, in the order asked for, and those of another beside it', async () => {
    const turns = new Turns();
    const { begun, work, end } = works();
    const results = [turns.take(ONE, work('a')), turns.take(ONE, work('b')), turns.take(ONE, work('c'))];
    const other = turns.take(OTHER, work('d'));
    await settled();
    assert.deepEqual(begun, ['a', 'd']);
    end('a');
    await settled();
    assert.deepEqual(begun, ['a', 'd', 'b']);
    end('b');
    end('d');
    await settled();
    end('c');
    assert.deepEqual(await Promise.all([...results, other]), ['a', 'b', 'c', 'd']);
  });

  it('goes on after one that failed, and begins at once when none is left', async () => {
    const turns = new Turns();
    const { begun, work, end, fail } = works();
    const failing = turns.take(ONE, work('a'));
    const next = turns.take(ONE, work('b'));
    await settled();
    fail('a');
    await assert.rejects(failing, /^Error: a$/);
    await settled();
    end('b');
    assert.equal(await next, 'b');
    void turns.take(ONE, work('c'));
    await settled();
    assert.deepEqual(begun, ['a', 'b', 'c']);
  });

  it('refuses the eighteenth, which costs those that wait nothing', async () => {
    const turns = new Turns();
    const { work, end } = works();
    const waiting = Array.from({ length: 17 }, (_, index) => turns.take(ONE, work(String(index))));
    await assert.rejects(
      turns.take(ONE, work('17')),
      (error) => error instanceof GatewayError && error.code === 'RATE_LIMITED',
    );
    for (const index of waiting.keys()) {
      await settled();
      end(String(index));
    }
    assert.equal((await Promise.all(waiting)).length, 17);
  });
});
