/** Pins: what was signed once must verify for good, so a change of the type shows here. */

import assert from 'node:assert/strict';

import { AbiCoder, concat, id, keccak256 } from 'ethers';

import { RECEIPT_DOMAIN, RECEIPT_TYPES, receiptDigest } from '../../runtime/receipt/receipt-type.js';
import { MESSAGE, PINNED, signedBy, SIGNER } from './receipts.js';

describe("the receipt's EIP-712 type", () => {
  it('has the fields, in their order, and the domain that every receipt so far was signed with', () => {
    const fields = RECEIPT_TYPES.Receipt.map(({ name, type }) => `${type} ${name}`).join(',');
    assert.equal(
      `Receipt(${fields})`,
      'Receipt(string receiptId,string account,string seller,string endpoint,bytes32 catalogueDigest,bytes32 requestDigest,' +
        'bytes32 answerDigest,uint16 upstreamStatus,uint64 amountMicroUsdc,string unitPrice,string units,' +
        'bytes32 idempotencyDigest,uint64 issuedAt,uint64 number,bytes32 previousDigest)',
    );
    assert.deepEqual(RECEIPT_DOMAIN, { name: 'Tollgate', version: '1' });
  });

  it('gives the pinned digest and signature for the pinned key', () => {
    assert.deepEqual(signedBy(SIGNER, MESSAGE), PINNED);
  });

  it('hashes as EIP-712 lays down, reckoned by hand', () => {
    const abi = AbiCoder.defaultAbiCoder();
    const domainSeparator = keccak256(
      abi.encode(
        ['bytes32', 'bytes32', 'bytes32'],
        [id('EIP712Domain(string name,string version)'), id('Tollgate'), id('1')],
      ),
    );
    const fields = RECEIPT_TYPES.Receipt.map(({ name, type }) =>
      type === 'string' ? (['bytes32', id(String(MESSAGE[name]))] as const) : ([type, MESSAGE[name]] as const),
    );
    const typeHash = id(`Receipt(${RECEIPT_TYPES.Receipt.map(({ name, type }) => `${type} ${name}`).join(',')})`);
    const structHash = keccak256(
      abi.encode(['bytes32', ...fields.map(([type]) => type)], [typeHash, ...fields.map(([, value]) => value)]),
    );
    assert.equal(receiptDigest(MESSAGE), keccak256(concat(['0x1901', domainSeparator, structHash])));
  });
});
