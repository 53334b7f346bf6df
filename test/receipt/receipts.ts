/** A pinned receipt, and chains of receipts signed by a fixed key. */

import { Secret } from '../../runtime/credential/secret.js';
import type { Receipt, ReceiptMessage } from '../../runtime/receipt/receipt.js';
import { NO_DIGEST, receiptDigest } from '../../runtime/receipt/receipt-type.js';
import { createReceiptSigner, type ReceiptSigner } from '../../runtime/receipt/sign-receipt.js';

export const SIGNER = createReceiptSigner(new Secret(`0x${'11'.repeat(32)}`));
export const OTHER_SIGNER = createReceiptSigner(new Secret(`0x${'22'.repeat(32)}`));

export const TRUST = { signers: [{ address: SIGNER.address, validFrom: 1_773_000_000 }] };

export const MESSAGE: ReceiptMessage = {
  receiptId: 'rcpt_000102030405060708090a0b0c0d0e0f',
  account: 'acct_101112131415161718191a1b1c1d1e1f',
  seller: 'weather-inc',
  endpoint: 'weather/forecast',
  catalogueDigest: `0x${'a1'.repeat(32)}`,
  requestDigest: `0x${'b2'.repeat(32)}`,
  answerDigest: `0x${'c3'.repeat(32)}`,
  upstreamStatus: 200,
  amountMicroUsdc: '1500',
  unitPrice: '0.001500 per call',
  units: '1',
  idempotencyDigest: `0x${'d4'.repeat(32)}`,
  issuedAt: 1_773_057_600,
  number: 7,
  previousDigest: `0x${'e5'.repeat(32)}`,
};

/** What signing `MESSAGE` with `SIGNER` must always give. */
export const PINNED: Receipt = {
  message: MESSAGE,
  digest: '0xd8337d64265d529c1656aa6df05450ff3abe043b60d0ff69159c8edf71556326',
  signature:
    '0x8b2f809ced5d69f80cd996e6c88c581c9266a5bd2e3a1f4cea4e619c38e44cc24b6f889ceedf0b78fd43e8d603551de7df1a9e7691f868595da7cf84bf1ff9801b',
  signer: '0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A',
};

/** What signing the first six of `chain` together must always leave in the third. */
export const PINNED_OF_BATCH =
  '0x4fb7a27bbb50c6d477ca220ac384b52005607a3db5e93528a89ccf4505d80a5a013e9db3f9a173b3c1f50efe26fe790bd8bb45414c20e36dfd6169b74c5e22731b' +
  '000002' +
  '7dcd940df785a6eccccd48a44af7f1cd9e0cae7b9a0373306707453b1047951c' +
  'e81b8139737a65a1140054bd7cc2176bef4470f65647e6a72c0dc470591ac0dd' +
  '46c7110fd02f1b7577e436dd5eecacf8a88f041912f8324d33cb29446a799da9';

/** The receipt that the signer makes of the message alone. */
export function signedBy(signer: ReceiptSigner, message: ReceiptMessage): Receipt {
  const digest = receiptDigest(message);
  return { message, digest, signature: signer.signAll([digest])[0]!, signer: signer.address };
}

/** The first receipts of an account, linked. */
export function chain(length: number): readonly Receipt[] {
  const receipts: Receipt[] = [];
  for (let number = 1; number <= length; number += 1) {
    const previousDigest = receipts.at(-1)?.digest ?? NO_DIGEST;
    const receiptId = `rcpt_${number.toString(16).padStart(32, '0')}`;
    receipts.push(signedBy(SIGNER, { ...MESSAGE, receiptId, number, previousDigest }));
  }
  return receipts;
}
