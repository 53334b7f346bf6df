/**
 * A process of its own that spends an account, for the tests of races between processes. Prints how many calls it
 * captured: `node --import tsx spend.ts URL ACCOUNT KEY TRIES`.
 */

import { systemClock } from '../../runtime/clock.js';
import { createLedger } from '../../runtime/ledger/create-ledger.js';
import type { AccountId, KeyId } from '../../runtime/ledger/ledger.js';
import { openStore } from '../../runtime/store/open-store.js';
import { captureOf, openOf, SIGNER } from './bank.js';

const [url, accountId, keyId, tries] = process.argv.slice(2) as [string, AccountId, KeyId, string];
const store = await openStore({ url, clock: systemClock });
const ledger = createLedger(store, { clock: systemClock, signer: SIGNER });

const captured = await Promise.all(
  Array.from({ length: Number(tries) }, async () => {
    const open = openOf({ accountId, keyId }, systemClock);
    const opened = await ledger.openCall(open);
    return opened.outcome === 'opened' && (await ledger.capture(captureOf(open.callId, 1n))).outcome === 'captured';
  }),
);
await store.close();
console.log(captured.filter(Boolean).length);
