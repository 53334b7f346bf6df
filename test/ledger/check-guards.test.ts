import assert from 'node:assert/strict';

import { checkGuards } from '../../runtime/ledger/check-guards.js';
import { STORES } from '../store/stores.js';
import { Bank } from './bank.js';

for (const kind of STORES) {
  describe(`the check of the triggers on ${kind.name}`, () => {
    let bank: Bank;
    beforeEach(async () => {
      bank = await Bank.open(kind);
    });
    afterEach(() => bank.database.drop());
    const missing = async () =>
      (await checkGuards(bank.store)).violations.map((violation) => violation.replace(/ is: .*/, ''));

    it('finds none missing in the whole schema', async () => {
      assert.deepEqual(await missing(), []);
    });

    it('finds one that was taken away', async () => {
      const on = kind.name === 'SQLite' ? '' : 'ON transfers';
      await bank.store.write((sql) => sql.rows(`DROP TRIGGER transfers_never_changed ${on}`));
      assert.deepEqual(await missing(), ['transfers_never_changed']);
    });

    if (kind.name === 'PostgreSQL') {
      it('finds those that are switched off', async () => {
        await bank.store.write((sql) => sql.rows('ALTER TABLE receipts DISABLE TRIGGER USER'));
        assert.deepEqual(await missing(), [
          'receipts_never_changed',
          'receipts_never_deleted',
          'receipts_never_truncated',
          'receipt_without_capture',
        ]);
        await bank.store.write((sql) => sql.rows('ALTER TABLE receipts ENABLE REPLICA TRIGGER receipts_never_changed'));
        assert.ok((await missing()).includes('receipts_never_changed'));
      });
    }
  });
}
