import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Delivery } from '../../runtime/call/delivery.js';
import { clientOf } from '../../runtime/call/waiting-client.js';
import { ArgumentValidator } from '../../runtime/catalogue/argument-validator.js';
import { Catalogue } from '../../runtime/catalogue/catalogue.js';
import { systemClock } from '../../runtime/clock.js';
import { readConfig } from '../../runtime/config.js';
import { createVault } from '../../runtime/credential/vault.js';
import { creditByOperator } from '../../runtime/deposit/operator-credit.js';
import { Reputations } from '../../runtime/discovery/reputations.js';
import { Gateway } from '../../runtime/gateway.js';
import { openBooks } from '../../runtime/books.js';
import { Admission } from '../../runtime/upstream/admission.js';
import { AnswerMemory } from '../../runtime/upstream/answer-memory.js';
import { Breakers } from '../../runtime/upstream/breakers.js';
import { fixedValues } from '../credential/fixed-values.js';

describe('a bug of ours while a call is being sent', () => {
  it('comes out as it is, leaves nothing held, and the key tells that the outcome is not known', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tollgate-bug-'));
    const config = readConfig({ TOLLGATE_DATA_DIR: dir, DATABASE_URL: `sqlite:${join(dir, 'tollgate.db')}` }, {});
    const books = await openBooks(config);
    try {
      const send = () => Promise.reject(new TypeError('a bug'));
      const gateway = new Gateway(
        {
          ...books,
          validator: new ArgumentValidator(),
          vault: createVault({ values: fixedValues(new Map()), clock: systemClock, send }),
          sender: { send, close: () => Promise.resolve() },
          admission: new Admission({
            breakers: new Breakers(),
            answers: new AnswerMemory(1_000_000),
            clock: systemClock,
          }),
          clock: systemClock,
          onRetry: () => undefined,
          upstreamFor: () => 'http://127.0.0.1:9',
          refusedHost: () => Promise.resolve(undefined),
          reputations: new Reputations(books.ledger, books.ratings, systemClock),
          howToDeposit: () => '',
        },
        await Catalogue.open(config.catalogueDir),
      );
      const accountId = await books.accounts.create('test');
      await creditByOperator(books.ledger, systemClock, { accountId, amountMicroUsdc: 1_000_000n });
      const { keyId } = await books.keys.create({ accountId, name: 'test' });
      const caller = { accountId, keyId, accountName: 'test' };
      const request = { endpoint: 'sandbox/get-weather', arguments: { city: 'Paris' }, idempotencyKey: 'k' };
      const call = () =>
        gateway.call(caller, request, clientOf(new AbortController().signal), new Delivery(() => undefined));

      await assert.rejects(call(), { name: 'TypeError', message: 'a bug' });
      assert.deepEqual(await books.ledger.balance(accountId), { availableMicroUsdc: 1_000_000n, heldMicroUsdc: 0n });
      await assert.rejects(call(), { code: 'OUTCOME_UNKNOWN', charged: '0.000000' });
    } finally {
      await books.store.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
