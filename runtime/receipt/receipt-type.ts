/**
 * The EIP-712 type that receipts are signed as. Pinned by a test: a change of one letter here would make every receipt
 * that was ever handed out unverifiable, so a new form is a new `version` beside this one.
 *
 * The domain names no chain and no contract (EIP-712 makes every field optional). A receipt proves what a gateway sold,
 * whichever chain its deposits come from, and must still verify when that changes; what ties it to one gateway is the
 * signer's address. No contract uses a type of this name, so a signature cannot be replayed on a chain as anything else.
 */

import type { TypedDataDomain } from 'ethers/hash';
import { LRUCache } from 'lru-cache';

import { keccak256 } from './keccak256.js';
import type { ReceiptMessage } from './receipt.js';

/** The types that a receipt's fields have, of those that EIP-712 knows. */
type FieldType = 'string' | 'bytes32' | 'uint16' | 'uint64';

interface Field {
  readonly name: keyof ReceiptMessage;
  readonly type: FieldType;
}

export const RECEIPT_DOMAIN = { name: 'Tollgate', version: '1' } as const satisfies TypedDataDomain;

export const RECEIPT_TYPES: Readonly<Record<'Receipt', readonly Field[]>> = {
  Receipt: [
    { name: 'receiptId', type: 'string' },
    { name: 'account', type: 'string' },
    { name: 'seller', type: 'string' },
    { name: 'endpoint', type: 'string' },
    { name: 'catalogueDigest', type: 'bytes32' },
    { name: 'requestDigest', type: 'bytes32' },
    { name: 'answerDigest', type: 'bytes32' },
    { name: 'upstreamStatus', type: 'uint16' },
    { name: 'amountMicroUsdc', type: 'uint64' },
    { name: 'unitPrice', type: 'string' },
    { name: 'units', type: 'string' },
    { name: 'idempotencyDigest', type: 'bytes32' },
    { name: 'issuedAt', type: 'uint64' },
    { name: 'number', type: 'uint64' },
    { name: 'previousDigest', type: 'bytes32' },
  ],
};

/** Bytes of a word of the Ethereum ABI. */
const WORD = 32;

const LARGEST = { uint16: 2n ** 16n - 1n, uint64: 2n ** 64n - 1n } as const;

/** 32 zero bytes: no idempotency key, or no receipt before this one. */
export const NO_DIGEST = `0x${'00'.repeat(32)}`;

/** A message that is hashed in place of `"\x19\x01" ‖ domainSeparator ‖ hashStruct`; the last 32 bytes are each message's. */
const SIGNED = Buffer.concat([Buffer.from([0x19, 0x01]), domainSeparator(), Buffer.alloc(WORD)]);

/** `typeHash ‖ encodeData`, one word each; reused, since a digest is reckoned without a pause. */
const STRUCT = Buffer.alloc(WORD * (1 + RECEIPT_TYPES.Receipt.length));
const TYPE = RECEIPT_TYPES.Receipt.map(({ type, name }) => `${type} ${name}`).join(',');
STRUCT.set(keccak256(Buffer.from(`Receipt(${TYPE})`)));

/** Hashes of the texts that come again and again: accounts, sellers, endpoints, prices. */
const textHashes = new LRUCache<string, Uint8Array>({ max: 4_096 });

/**
 * The digest of a receipt: EIP-712, `keccak256("\x19\x01" ‖ domainSeparator ‖ hashStruct(message))`. Encoded here
 * and not by ethers' encoder, which takes longer than the signature does.
 * @throws RangeError where a field's value is not of its type.
 */
export function receiptDigest(message: ReceiptMessage): string {
  RECEIPT_TYPES.Receipt.forEach((field, index) => writeWord(message, field, WORD * (index + 1)));
  return `0x${typedDigest(keccak256(STRUCT)).toString('hex')}`;
}

/** What is signed of a message in the domain of the receipts. @param structHash `hashStruct(message)`, 32 bytes. */
export function typedDigest(structHash: Uint8Array): Buffer {
  SIGNED.set(structHash, SIGNED.length - WORD);
  return Buffer.from(keccak256(SIGNED));
}

/** EIP-712, "Definition of domainSeparator": `hashStruct` of the domain, of which there are the fields that it has. */
function domainSeparator(): Uint8Array {
  const type = 'EIP712Domain(string name,string version)';
  return keccak256(Buffer.concat([type, RECEIPT_DOMAIN.name, RECEIPT_DOMAIN.version].map(hashOf)));
}

/** EIP-712, "Definition of encodeData": a text is its hash, a number is padded to the left. */
function writeWord(message: ReceiptMessage, { name, type }: Field, at: number): void {
  const value = message[name];
  if (type === 'string') {
    // A receipt's own id never comes again.
    STRUCT.set(name === 'receiptId' ? hashOf(String(value)) : repeatedHash(String(value)), at);
  } else if (type === 'bytes32') {
    if (!writeBytes32(String(value), at)) throw new RangeError(`${name} is not 32 bytes in 0x hex: ${value}`);
  } else {
    const number = BigInt(value);
    if (number < 0n || number > LARGEST[type]) throw new RangeError(`${name} is no ${type}: ${value}`);
    STRUCT.writeBigUInt64BE(number, at + WORD - 8);
  }
}

/** Node writes hex up to the first two characters that are none. @returns false where it is not 32 bytes in `0x` hex */
function writeBytes32(text: string, at: number): boolean {
  return text.length === 2 + 2 * WORD && text.startsWith('0x') && STRUCT.write(text.slice(2), at, 'hex') === WORD;
}

function hashOf(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new RangeError('a text of a receipt holds half of a surrogate pair');
  return keccak256(Buffer.from(text));
}

function repeatedHash(text: string): Uint8Array {
  const known = textHashes.get(text);
  if (known !== undefined) return known;
  const hash = hashOf(text);
  textHashes.set(text, hash);
  return hash;
}
