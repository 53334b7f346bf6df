/** The EIP-712 type that statements are signed as, in the domain of the receipts: it cannot change any more than theirs. */

import type { StatementMessage } from './statement.js';

interface Field {
  readonly name: keyof StatementMessage;
  readonly type: 'string' | 'bytes32' | 'uint64';
}

export const STATEMENT_TYPES: Readonly<Record<'Statement', readonly Field[]>> = {
  Statement: [
    { name: 'account', type: 'string' },
    { name: 'since', type: 'uint64' },
    { name: 'until', type: 'uint64' },
    { name: 'openingMicroUsdc', type: 'uint64' },
    { name: 'depositedMicroUsdc', type: 'uint64' },
    { name: 'chargedMicroUsdc', type: 'uint64' },
    { name: 'closingMicroUsdc', type: 'uint64' },
    { name: 'depositsDigest', type: 'bytes32' },
    { name: 'openingNumber', type: 'uint64' },
    { name: 'openingDigest', type: 'bytes32' },
    { name: 'closingNumber', type: 'uint64' },
    { name: 'closingDigest', type: 'bytes32' },
    { name: 'issuedAt', type: 'uint64' },
  ],
};
