/**
 * The receipt of one captured call: an EIP-712 message that anyone can verify offline, and the proof of what was
 * bought, for how much, and (by the digest of the account's previous receipt) that no other lies between.
 */

/** The fields that are signed, as on the wire. Digests are 32 bytes in `0x` hex. */
export interface ReceiptMessage {
  /** `rcpt_`, and in hex the number that stands in the id of its call too. */
  readonly receiptId: string;
  readonly account: string;
  readonly seller: string;
  readonly endpoint: string;
  readonly catalogueDigest: string;
  /** SHA-256 of the canonical JSON (RFC 8785) of `{arguments, endpoint}`. */
  readonly requestDigest: string;
  /** SHA-256 of the answer's body as received, after decompression. */
  readonly answerDigest: string;
  readonly upstreamStatus: number;
  /** Micro-USDC, as a decimal string. */
  readonly amountMicroUsdc: string;
  readonly unitPrice: string;
  readonly units: string;
  /** SHA-256 of the idempotency key, or 32 zero bytes where there was none. */
  readonly idempotencyDigest: string;
  /** Seconds since the Unix epoch. */
  readonly issuedAt: number;
  /** This receipt's place in the account's chain, from 1. */
  readonly number: number;
  /** The EIP-712 digest of the receipt before it in the chain; 32 zero bytes for the first. */
  readonly previousDigest: string;
}

export interface Receipt {
  readonly message: ReceiptMessage;
  /** The EIP-712 digest of the message. */
  readonly digest: string;
  /** In `0x` hex: r, s, v (65 bytes) where it was signed alone, else with a proof behind them; see `receipt-batch.ts`. */
  readonly signature: string;
  /** The signer's address, with EIP-55 check-sum. */
  readonly signer: string;
}
