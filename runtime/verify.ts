/**
 * What `import … from 'tollgate/verify'` gives: the offline verification of receipts and statements, for whoever pays
 * through a gateway and would rather not take its word. It opens no database and asks nobody.
 */

export type { Receipt, ReceiptMessage } from './receipt/receipt.js';
export { verifyChain, verifyReceipt, type ChainLink, type Recompute } from './receipt/verify-receipt.js';
export type { Trust, TrustedSigner, Verdict } from './receipt/verify-signature.js';
export type { StatedDeposit, Statement, StatementMessage } from './statement/statement.js';
export { verifyStatement, verifyStatements } from './statement/verify-statement.js';
