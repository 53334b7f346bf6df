/**
 * Signs receipts. Signatures are deterministic (RFC 6979): the same message gives the same receipt, to the byte,
 * whichever thread makes it.
 */

import { availableParallelism } from 'node:os';

import type { Secret } from '../credential/secret.js';
import { addressOfKey } from './address-of-key.js';
import type { Receipt, ReceiptMessage } from './receipt.js';
import { receiptDigest } from './receipt-type.js';
import { DIGEST_BYTES, SIGNATURE_BYTES, signDigests } from './sign-digests.js';
import { SigningThread } from './signing-thread.js';

export interface ReceiptSigner {
  /** With EIP-55 check-sum. */
  readonly address: string;
  /** At once, in the calling thread. */
  sign(message: ReceiptMessage): Receipt;
  /** The signatures of these digests, in their order; both in `0x` hex. */
  signAll(digests: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Signs in the thread that asks. @param privateKey 32 bytes in `0x` hex, as `readReceiptKey` gives it. */
export function createReceiptSigner(privateKey: Secret): ReceiptSigner {
  const address = addressOfKey(privateKey);
  const signBytes = (digests: Uint8Array) => signDigests(digests, bytesOf([privateKey.reveal()], 32));
  return {
    address,
    sign: (message) => {
      const digest = receiptDigest(message);
      const [signature] = textsOf(signBytes(bytesOf([digest], DIGEST_BYTES)));
      return { message, digest, signature: signature!, signer: address };
    },
    signAll: (digests) => Promise.resolve(textsOf(signBytes(bytesOf(digests, DIGEST_BYTES)))),
    close: () => Promise.resolve(),
  };
}

/**
 * From source there is no thread: what makes TypeScript run does not reach into one on every version of Node.
 */
const THREAD = import.meta.url.endsWith('.js') ? new URL('signing-thread.js', import.meta.url) : undefined;

/** To sign this many takes no longer than to wait for another thread. */
const FEW = 2;

/**
 * The thread that answers and those of the database have these cores. Without another one a thread that signs takes its
 * turn from them, and each batch waits for two changes of threads: a tenth fewer calls than where nobody waits.
 */
const BUSY_CORES = 2;

export interface ThreadOptions {
  /** The module that the thread loads; without it there is none. */
  readonly entry?: URL | undefined;
  /** Of the machine. */
  readonly cores?: number;
}

/**
 * Signs batches in a thread of its own, which is started when there is something to sign; in the calling thread where
 * they are few, where there is no core for another one, or where that has ended, which gives the same.
 */
export function createThreadedReceiptSigner(
  privateKey: Secret,
  { entry = THREAD, cores = availableParallelism() }: ThreadOptions = {},
): ReceiptSigner {
  const signer = createReceiptSigner(privateKey);
  if (entry === undefined || cores <= BUSY_CORES) return signer;
  let thread: SigningThread | undefined;
  return {
    ...signer,
    signAll: async (digests) => {
      if (digests.length <= FEW) return signer.signAll(digests);
      thread ??= new SigningThread(bytesOf([privateKey.reveal()], 32), entry);
      try {
        return textsOf(await thread.sign(bytesOf(digests, DIGEST_BYTES)));
      } catch {
        // The thread has ended, whatever for. Nothing is lost by it, for a signature depends on nothing but the digest.
        return signer.signAll(digests);
      }
    },
    close: async () => {
      await thread?.close();
    },
  };
}

function bytesOf(texts: readonly string[], length: number): Uint8Array {
  const bytes = Buffer.alloc(texts.length * length);
  texts.forEach((text, index) => bytes.write(text.slice(2), index * length, 'hex'));
  return bytes;
}

function textsOf(signatures: Uint8Array): readonly string[] {
  const hex = Buffer.from(signatures.buffer, signatures.byteOffset, signatures.length).toString('hex');
  const digits = 2 * SIGNATURE_BYTES;
  return Array.from(
    { length: hex.length / digits },
    (_, index) => `0x${hex.slice(index * digits, (index + 1) * digits)}`,
  );
}
