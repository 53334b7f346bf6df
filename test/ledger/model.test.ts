/**
 * The ledger against a model of ten lines, over random commands: whatever is done in whatever order, both say the same
 * of every outcome and balance, and the books hold. fast-check prints the seed and the shortest commands that fail.
 */

import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { CallId } from '../../runtime/ledger/ledger.js';
import { STORES } from '../store/stores.js';
import { Bank, captureOf, releaseOf } from './bank.js';

interface Model {
  available: bigint;
  readonly holds: { held: bigint; open: boolean }[];
}

const open = (model: Model, amount: bigint): string => {
  if (model.available < amount) return 'insufficient-funds';
  model.available -= amount;
  model.holds.push({ held: amount, open: true });
  return 'opened';
};
const resolve = (model: Model, index: number, charge: bigint, outcome: string): string => {
  const hold = model.holds[index]!;
  if (!hold.open) return 'resolved-before';
  hold.open = false;
  model.available += hold.held - charge;
  return outcome;
};

type Step =
  | { readonly do: 'deposit'; readonly amount: bigint }
  | { readonly do: 'open'; readonly amount: bigint }
  | { readonly do: 'capture'; readonly call: number; readonly percent: bigint }
  | { readonly do: 'release'; readonly call: number };

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ do: fc.constant('deposit' as const), amount: fc.bigInt({ min: 1n, max: 50n }) }),
    fc.record({ do: fc.constant('open' as const), amount: fc.bigInt({ min: 0n, max: 30n }) }),
    fc.record({ do: fc.constant('capture' as const), call: fc.nat(), percent: fc.bigInt({ min: 0n, max: 100n }) }),
    fc.record({ do: fc.constant('release' as const), call: fc.nat() }),
  ),
  { minLength: 1, maxLength: 40 },
);

for (const kind of STORES) {
  describe(`the ledger against its model on ${kind.name}`, function () {
    this.timeout(120_000);
    let bank: Bank;

    before(async () => {
      bank = await Bank.open(kind);
    });
    after(() => bank.close());

    it('says the same of every outcome and balance', async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (commands) => {
          const [accountId, keyId] = await bank.buyer();
          const model: Model = { available: 0n, holds: [] };
          const calls: CallId[] = [];
          for (const command of commands) {
            if (command.do === 'deposit') {
              await bank.ledger.deposit(
                accountId,
                command.amount,
                `model:${Buffer.from(bank.clock.randomBytes(8)).toString('hex')}`,
              );
              model.available += command.amount;
            } else if (command.do === 'open') {
              const call = bank.call({ accountId, keyId, maxChargeMicroUsdc: command.amount });
              const { outcome } = await bank.ledger.openCall(call);
              assert.equal(outcome, open(model, command.amount));
              if (outcome === 'opened') calls.push(call.callId);
            } else if (calls.length > 0) {
              const index = command.call % calls.length;
              const callId = calls[index]!;
              const charge = command.do === 'capture' ? (model.holds[index]!.held * command.percent) / 100n : 0n;
              const { outcome } = await (command.do === 'capture'
                ? bank.ledger.capture(captureOf(callId, charge))
                : bank.ledger.release(releaseOf(callId)));
              assert.equal(outcome, resolve(model, index, charge, command.do === 'capture' ? 'captured' : 'released'));
            }
            assert.deepEqual(await bank.ledger.balance(accountId), {
              availableMicroUsdc: model.available,
              heldMicroUsdc: model.holds.reduce((sum, { held, open: isOpen }) => sum + (isOpen ? held : 0n), 0n),
            });
          }
        }),
        { numRuns: 30 },
      );
    });
  });
}
