import assert from 'node:assert/strict';
import { mock } from 'node:test';

import fc from 'fast-check';
import { recoverAddress, SigningKey } from 'ethers';
import secp256k1 from 'secp256k1';

import type { Receipt, ReceiptMessage } from '../../runtime/receipt/receipt.js';
import { receiptDigest } from '../../runtime/receipt/receipt-type.js';
import { requestDigest } from '../../runtime/receipt/request-digest.js';
import { verifyChain, verifyReceipt } from '../../runtime/receipt/verify-receipt.js';
import type { Trust } from '../../runtime/receipt/verify-signature.js';
import { verifyStatement, verifyStatements } from '../../runtime/statement/verify-statement.js';
import { chain, MESSAGE, OTHER_SIGNER, PINNED, PINNED_OF_BATCH, signedBy, SIGNER, TRUST } from './receipts.js';

/** Another valid value of each field: only the digest can tell. */
const CHANGED: { readonly [field in keyof ReceiptMessage]: ReceiptMessage[field] } = {
  receiptId: 'rcpt_000102030405060708090a0b0c0d0e10',
  account: 'acct_201112131415161718191a1b1c1d1e1f',
  seller: 'weather-ink',
  endpoint: 'weather/forecasts',
  catalogueDigest: `0x${'a0'.repeat(32)}`,
  requestDigest: `0x${'b0'.repeat(32)}`,
  answerDigest: `0x${'c0'.repeat(32)}`,
  upstreamStatus: 201,
  amountMicroUsdc: '1499',
  unitPrice: '0.001499 per call',
  units: '2',
  idempotencyDigest: `0x${'d0'.repeat(32)}`,
  issuedAt: 1_773_057_601,
  number: 8,
  previousDigest: `0x${'e0'.repeat(32)}`,
};

/** [field, a value of another form]: some of them hash to the same digest, and must still not verify. */
const MISTYPED: readonly (readonly [field: keyof ReceiptMessage, value: unknown])[] = [
  ['receiptId', 7],
  ['receiptId', 'call_000102030405060708090a0b0c0d0e0f'],
  ['account', ''],
  ['account', null],
  ['seller', ['weather-inc']],
  ['endpoint', '\ud800'],
  ['catalogueDigest', `0x${'A1'.repeat(32)}`],
  ['requestDigest', 'b2'.repeat(32)],
  ['answerDigest', `0x${'c3'.repeat(31)}`],
  ['upstreamStatus', '200'],
  ['upstreamStatus', 200.5],
  ['upstreamStatus', 65_736],
  ['amountMicroUsdc', 1500],
  ['amountMicroUsdc', '01500'],
  ['amountMicroUsdc', '0x5dc'],
  ['amountMicroUsdc', '-1500'],
  ['amountMicroUsdc', '18446744073709551616'],
  ['unitPrice', undefined],
  ['units', '1e3'],
  ['units', 'many'],
  ['idempotencyDigest', ''],
  ['issuedAt', '1773057600'],
  ['issuedAt', NaN],
  ['number', 0],
  ['number', 2 ** 53],
  ['number', '7'],
  ['previousDigest', 0],
];

function reasonOf(receipt: unknown, trust = TRUST): string {
  const verdict = verifyReceipt(receipt, trust);
  assert.equal(verdict.valid, false);
  return verdict.reason;
}

describe('verifying a receipt', () => {
  it('holds for a receipt as it was signed, and after a way through JSON', () => {
    assert.deepEqual(verifyReceipt(PINNED, TRUST), { valid: true });
    assert.deepEqual(verifyReceipt(JSON.parse(JSON.stringify(PINNED)), TRUST), { valid: true });
  });

  for (const field of Object.keys(CHANGED) as (keyof ReceiptMessage)[]) {
    it(`fails where ${field} was changed`, () => {
      const message = { ...MESSAGE, [field]: CHANGED[field] };
      assert.match(reasonOf({ ...PINNED, message }), /^digest is not that of the message/);
    });

    it(`fails where ${field} is missing, by its name`, () => {
      const message = Object.fromEntries(Object.entries(MESSAGE).filter(([name]) => name !== field));
      assert.equal(reasonOf({ ...PINNED, message }), `message.${field} is missing`);
    });
  }

  for (const [field, value] of MISTYPED) {
    it(`fails where ${field} is ${JSON.stringify(value)}, by its name`, () => {
      assert.match(
        reasonOf({ ...PINNED, message: { ...MESSAGE, [field]: value } }),
        new RegExp(`^message\\.${field} is not `),
      );
    });
  }

  it('fails where a field was added, by its name', () => {
    assert.equal(reasonOf({ ...PINNED, message: { ...MESSAGE, tip: '1' } }), 'message.tip is no field of a message');
    assert.equal(reasonOf({ ...PINNED, note: '' }), 'receipt.note is no field of a receipt');
  });

  for (const field of ['message', 'digest', 'signature', 'signer'] as const) {
    it(`fails where the receipt has no ${field}`, () => {
      const receipt = Object.fromEntries(Object.entries(PINNED).filter(([name]) => name !== field));
      assert.equal(reasonOf(receipt), `receipt.${field} is missing`);
    });
  }

  it('fails for a digest that was fitted to a changed message', () => {
    const message = { ...MESSAGE, amountMicroUsdc: '1' };
    const { digest } = signedBy(OTHER_SIGNER, message);
    assert.match(reasonOf({ ...PINNED, message, digest }), /^signature was made by 0x\w{40}, and not by signer/);
  });

  /** r and s of the pinned signature, and the order of the curve (SEC 2, section 2.4.1). */
  const [R, S] = [PINNED.signature.slice(2, 66), PINNED.signature.slice(66, 130)];
  const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const word = (number: bigint) => number.toString(16).padStart(64, '0');
  const NOT_CANONICAL = 'signature is not in its canonical form';
  const NO_SIGNATURE = 'signature is not a signature of the digest';

  const FORGED: readonly (readonly [name: string, signature: string, want: string])[] = [
    ['the twin of a signature, s in the upper half', `${R}${word(ORDER - BigInt(`0x${S}`))}1c`, NOT_CANONICAL],
    ['s at the first number of the upper half', `${R}${word((ORDER + 1n) / 2n)}1b`, NOT_CANONICAL],
    ['v counted from 0', `${R}${S}00`, NOT_CANONICAL],
    ['v with a chain id', `${R}${S}25`, NOT_CANONICAL],
    ['r of nothing', `${word(0n)}${S}1b`, NO_SIGNATURE],
    ['s of nothing', `${R}${word(0n)}1b`, NO_SIGNATURE],
    ['r at the order of the curve', `${word(ORDER)}${S}1b`, NO_SIGNATURE],
    ['r that is on no point of the curve', `${word(5n)}${S}1b`, NO_SIGNATURE],
  ];
  for (const [name, signature, want] of FORGED) {
    it(`fails for ${name}`, () => {
      assert.equal(reasonOf({ ...PINNED, signature: `0x${signature}` }), want);
    });
  }

  it('recovers the same signer as ethers does, of the largest s as well', () => {
    const signature = `0x${R}${word((ORDER - 1n) / 2n)}1b`;
    const signer = recoverAddress(PINNED.digest, signature);
    assert.equal(reasonOf({ ...PINNED, signature }), `signature was made by ${signer}, and not by signer`);
  });

  it('fails for a signature of another key', () => {
    const { signature } = signedBy(OTHER_SIGNER, MESSAGE);
    assert.equal(
      reasonOf({ ...PINNED, signature }),
      `signature was made by ${OTHER_SIGNER.address}, and not by signer`,
    );
  });

  it('fails for a key that is not trusted', () => {
    assert.equal(reasonOf(signedBy(OTHER_SIGNER, MESSAGE)), `signer ${OTHER_SIGNER.address} is not a trusted key`);
    assert.equal(reasonOf(PINNED, { signers: [] }), `signer ${SIGNER.address} is not a trusted key`);
  });

  it('fails for a signer that is not in its check-summed form', () => {
    assert.match(reasonOf({ ...PINNED, signer: PINNED.signer.toLowerCase() }), /not by signer/);
  });

  it('fails for the other signature that the curve allows', () => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = BigInt(`0x${PINNED.signature.slice(66, 130)}`);
    const other = `${PINNED.signature.slice(0, 66)}${(order - s).toString(16).padStart(64, '0')}1c`;
    assert.match(reasonOf({ ...PINNED, signature: other }), /^signature is not/);
  });

  for (const signature of [`0x${'00'.repeat(65)}`, `0x${'ff'.repeat(65)}`, `${PINNED.signature.slice(0, -2)}00`]) {
    it(`fails for the signature ${signature.slice(0, 10)}…${signature.slice(-2)}`, () => {
      assert.match(reasonOf({ ...PINNED, signature }), /^signature is not/);
    });
  }

  const TIMES: readonly (readonly [name: string, from: number, until: number | undefined, want: boolean])[] = [
    ['in the first second of its key', MESSAGE.issuedAt, undefined, true],
    ['a second before its key', MESSAGE.issuedAt + 1, undefined, false],
    ['in the last second of its key', 0, MESSAGE.issuedAt, true],
    ['a second after its key', 0, MESSAGE.issuedAt - 1, false],
  ];
  for (const [name, validFrom, validUntil, want] of TIMES) {
    it(`${want ? 'holds' : 'fails'} where it was issued ${name}`, () => {
      const key = { address: SIGNER.address, validFrom, ...(validUntil === undefined ? {} : { validUntil }) };
      assert.equal(verifyReceipt(PINNED, { signers: [key] }).valid, want);
    });
  }

  it('holds where its key has no end, said with null', () => {
    const signers = [{ address: SIGNER.address, validFrom: 0, validUntil: null }];
    assert.deepEqual(verifyReceipt(PINNED, { signers }), { valid: true });
  });

  const key = { address: SIGNER.address, validFrom: 0 };
  const MALFORMED: readonly (readonly [trust: unknown, message: string])[] = [
    [undefined, 'trust must be an object, and is undefined'],
    [null, 'trust must be an object, and is null'],
    [[key], 'trust.signers must be a list, and is undefined'],
    [{ signers: null }, 'trust.signers must be a list, and is null'],
    [{ signers: [key, null] }, 'trust.signers[1] must be an object, and is null'],
    [{ signers: ['0x1'] }, 'trust.signers[0] must be an object, and is "0x1"'],
    [{ signers: [{ ...key, address: undefined }] }, 'trust.signers[0].address must be a text, and is undefined'],
    [{ signers: [{ ...key, validFrom: null }] }, 'trust.signers[0].validFrom must be a number of seconds, and is null'],
    [{ signers: [{ ...key, validFrom: NaN }] }, 'trust.signers[0].validFrom must be a number of seconds, and is NaN'],
    [
      { signers: [{ ...key, validUntil: '2026' }] },
      'trust.signers[0].validUntil must be a number of seconds, null or absent, and is "2026"',
    ],
  ];
  for (const [trust, message] of MALFORMED) {
    it(`is not judged by what is malformed: ${message}`, () => {
      const given = trust as Trust;
      const wrong = { name: 'TypeError', message };
      assert.throws(() => verifyReceipt(PINNED, given), wrong);
      assert.throws(() => verifyReceipt(null, given), wrong);
      assert.throws(() => verifyChain([], given), wrong);
      assert.throws(() => verifyStatement(null, given), wrong);
      assert.throws(() => verifyStatements([], given), wrong);
    });
  }

  it('holds where any time of a key that was used twice fits, in lower case too', () => {
    const address = SIGNER.address.toLowerCase();
    const signers = [
      { address, validFrom: 0, validUntil: 1 },
      { address, validFrom: MESSAGE.issuedAt },
    ];
    assert.deepEqual(verifyReceipt(PINNED, { signers }), { valid: true });
  });

  const digits = SIGNER.address.slice(2);
  const WRITTEN: readonly (readonly [name: string, address: string, want: boolean])[] = [
    ['in upper case', `0x${digits.toUpperCase()}`, true],
    ['with another check-sum', `0x${digits.replace(/[A-F]/, (letter) => letter.toLowerCase())}`, false],
    ['without 0x', digits.toLowerCase(), false],
    ['with a 0 too many', `0x0${digits.toLowerCase()}`, false],
  ];
  for (const [name, address, want] of WRITTEN) {
    it(`${want ? 'takes' : 'does not take'} a trusted key that is written ${name}`, () => {
      assert.equal(verifyReceipt(PINNED, { signers: [{ address, validFrom: 0 }] }).valid, want);
    });
  }

  it('passes over a trusted key that is no address', () => {
    const signers = [{ address: 'not an address', validFrom: 0 }, ...TRUST.signers];
    assert.deepEqual(verifyReceipt(PINNED, { signers }), { valid: true });
  });

  it('compares what the verifier can recompute', () => {
    const args = { city: 'Zürich' };
    const receipt = signedBy(SIGNER, { ...MESSAGE, requestDigest: `0x${requestDigest('weather/forecast', args)}` });
    const endpoint = 'weather/forecast';
    assert.deepEqual(verifyReceipt(receipt, TRUST, { endpoint, arguments: { city: 'Zürich' } }), { valid: true });
    const reasons = [
      verifyReceipt(receipt, TRUST, { endpoint: 'weather/history' }),
      verifyReceipt(receipt, TRUST, { endpoint, arguments: { city: 'Bern' } }),
      verifyReceipt(receipt, TRUST, { endpoint, arguments: { city: NaN } }),
      verifyReceipt(receipt, TRUST, { endpoint, answerBody: Buffer.from('hello') }),
    ].map((verdict) => (verdict.valid ? 'valid' : verdict.reason));
    assert.deepEqual(reasons, [
      'endpoint is weather/forecast, and not weather/history',
      'requestDigest is not that of the endpoint and arguments',
      'requestDigest is not that of the endpoint and arguments',
      'answerDigest is not that of the body',
    ]);
  });

  it('holds for the body whose digest it has', () => {
    const receipt = signedBy(SIGNER, {
      ...MESSAGE,
      answerDigest: '0x2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    });
    const recompute = { endpoint: MESSAGE.endpoint, answerBody: Buffer.from('hello') };
    assert.deepEqual(verifyReceipt(receipt, TRUST, recompute), { valid: true });
  });

  it('answers a verdict whatever it is given', () => {
    for (const value of [
      undefined,
      null,
      '',
      'rcpt',
      1,
      [],
      {},
      { message: null },
      { message: [] },
      Symbol('x'),
      () => 1,
    ]) {
      assert.equal(verifyReceipt(value, TRUST).valid, false);
    }
    const fields = fc.constantFrom(...(Object.keys(MESSAGE) as (keyof ReceiptMessage)[]));
    const outer = fc.constantFrom('message', 'digest', 'signature', 'signer', 'note');
    fc.assert(
      fc.property(fc.anything(), fields, outer, (value, field, part) => {
        fc.pre(!Object.is(value, MESSAGE[field]));
        assert.equal(verifyReceipt(value, TRUST).valid, false);
        assert.equal(verifyReceipt({ ...PINNED, message: { ...MESSAGE, [field]: value } }, TRUST).valid, false);
        assert.equal(verifyReceipt({ ...PINNED, message: { ...MESSAGE, [part]: value } }, TRUST).valid, false);
        assert.equal(verifyReceipt({ ...PINNED, [part]: value }, TRUST).valid, false);
      }),
    );
  });

  it('fails for a signature by a key outside of the register, made with care', () => {
    const key = new SigningKey(`0x${'33'.repeat(32)}`);
    const forged = { ...PINNED, signature: key.sign(PINNED.digest).serialized };
    assert.match(reasonOf(forged), /not by signer/);
  });
});

describe('verifying a receipt that shares its signature', () => {
  const receipts = chain(6).map(({ message }) => message);
  const digests = receipts.map(receiptDigest);
  const shared: readonly Receipt[] = SIGNER.signAll(digests).map((signature, index) => ({
    message: receipts[index]!,
    digest: digests[index]!,
    signature,
    signer: SIGNER.address,
  }));
  const third = shared[2]!;
  const withSignature = (signature: string) => reasonOf({ ...third, signature });
  const NOT_BY_SIGNER = /^signature was made by 0x\w{40}, and not by signer/;
  /** r, s and v; the place; the hashes beside the way to the root. */
  const [SIGNED, PLACE, PROOF] = [
    third.signature.slice(0, 132),
    third.signature.slice(132, 138),
    third.signature.slice(138),
  ];

  it('holds for each of them, and for their chain', () => {
    assert.deepEqual(new Set(shared.map(({ signature }) => signature.slice(0, 132))).size, 1);
    for (const receipt of shared) assert.deepEqual(verifyReceipt(receipt, TRUST), { valid: true });
    assert.deepEqual(verifyChain(shared, TRUST), { valid: true });
  });

  it('recovers the signer of their signature once, and of each that was changed again', () => {
    const batch = chain(5).map(({ message }) => ({ ...message, units: '9' }));
    const signatures = SIGNER.signAll(batch.map(receiptDigest));
    const verdicts = (messages: readonly ReceiptMessage[]) =>
      messages.map((message, at) =>
        verifyReceipt(
          { message, digest: receiptDigest(message), signature: signatures[at]!, signer: SIGNER.address },
          TRUST,
        ),
      );
    const { mock: recovery } = mock.method(secp256k1, 'ecdsaRecover');
    try {
      assert.ok(verdicts(batch).every(({ valid }) => valid));
      assert.equal(recovery.callCount(), 1);
      assert.ok(!verdicts(batch.map((message) => ({ ...message, units: '1' }))).some(({ valid }) => valid));
      assert.equal(recovery.callCount(), 6);
    } finally {
      recovery.restore();
    }
  });

  it('fails for the other v, also once the right one was verified', () => {
    assert.deepEqual(verifyReceipt(third, TRUST), { valid: true });
    assert.match(withSignature(`${SIGNED.slice(0, -2)}1c${PLACE}${PROOF}`), NOT_BY_SIGNER);
  });

  it('holds for the one that was pinned', () => {
    assert.equal(third.signature, PINNED_OF_BATCH);
  });

  it('fails wherever one digit of the signature is another', () => {
    for (let at = 2; at < third.signature.length; at += 1) {
      const other = (Number.parseInt(third.signature[at]!, 16) ^ 1).toString(16);
      withSignature(third.signature.slice(0, at) + other + third.signature.slice(at + 1));
    }
  });

  it('fails wherever a field of the message is another, the digest fitted to it', () => {
    for (const [field, value] of Object.entries(CHANGED)) {
      const message = { ...third.message, [field]: value };
      reasonOf({ ...third, message, digest: receiptDigest(message) });
    }
  });

  const FORGED: readonly (readonly [name: string, signature: string, want: RegExp])[] = [
    ['the signature of the batch without the way to it', SIGNED, NOT_BY_SIGNER],
    ['a place and no hashes', SIGNED + PLACE, /^receipt\.signature is not 65 bytes/],
    ['half a hash', SIGNED + PLACE + PROOF.slice(32), /^receipt\.signature is not 65 bytes/],
    ['a hash left out', SIGNED + PLACE + PROOF.slice(64), NOT_BY_SIGNER],
    ['a hash too many', SIGNED + PLACE + PROOF + '00'.repeat(32), NOT_BY_SIGNER],
    ['more hashes than the largest batch has', SIGNED + PLACE + '00'.repeat(8 * 32), /^receipt\.signature is not 65/],
    ['a place beyond the batch', SIGNED + '00000a' + PROOF, /^signature names a place that its batch does not have$/],
    ['the place of another', SIGNED + '000003' + PROOF, NOT_BY_SIGNER],
    ['the way of another', shared[3]!.signature, NOT_BY_SIGNER],
    ['upper case', `0x${third.signature.slice(2).toUpperCase()}`, /^receipt\.signature is not 65 bytes/],
    ['another one behind it', third.signature + third.signature, /^receipt\.signature is not 65 bytes/],
    ['a line behind it', `${third.signature}\n`, /^receipt\.signature is not 65 bytes/],
  ];
  for (const [name, signature, want] of FORGED) {
    it(`fails for ${name}`, () => {
      assert.match(withSignature(signature), want);
    });
  }

  it('fails for the first place that the batch does not have, whose way is that of its first', () => {
    const [first] = shared;
    const signature = first!.signature.replace(/^(.{132})000000/, '$1000008');
    assert.equal(reasonOf({ ...first, signature }), 'signature names a place that its batch does not have');
  });

  it('fails for a signature by another key', () => {
    const [, , signature] = OTHER_SIGNER.signAll(digests);
    assert.match(withSignature(signature!), NOT_BY_SIGNER);
    assert.match(reasonOf({ ...third, signature, signer: OTHER_SIGNER.address }), /is not a trusted key$/);
  });
});

describe('verifying a chain of receipts', () => {
  const receipts = chain(5);

  it('holds for all of them, in their order', () => {
    assert.deepEqual(verifyChain(receipts, TRUST), { valid: true });
    assert.deepEqual(verifyChain([], TRUST), { valid: true });
  });

  it('fails for what is no list of receipts', () => {
    for (const given of [PINNED, {}, null, undefined, 'x', { length: 0 }]) {
      const verdict = verifyChain(given as never, TRUST);
      assert.deepEqual(verdict, { valid: false, reason: 'the receipts are no list' });
    }
  });

  it('goes on from the receipt before', () => {
    const before = { account: MESSAGE.account, number: 2, digest: receipts[1]!.digest };
    assert.deepEqual(verifyChain(receipts.slice(2), TRUST, before), { valid: true });
    assert.equal(verifyChain(receipts.slice(3), TRUST, before).valid, false);
  });

  const BROKEN: readonly (readonly [name: string, given: () => readonly unknown[], want: RegExp])[] = [
    ['the first is left out', () => receipts.slice(1), /receipt at 0: number is 2, and 1 comes next/],
    ['one in the middle is left out', () => receipts.toSpliced(2, 1), /receipt at 2: number is 4, and 3 comes next/],
    ['two are exchanged', () => receipts.with(1, receipts[2]!).with(2, receipts[1]!), /receipt at 1: number is 3/],
    ['one comes twice', () => receipts.toSpliced(2, 0, receipts[1]!), /receipt at 2: number is 2, and 3 comes next/],
    [
      'one was signed anew without the one before it',
      () => receipts.with(2, signedBy(SIGNER, { ...receipts[2]!.message, previousDigest: receipts[0]!.digest })),
      /receipt at 2: previousDigest is not/,
    ],
    [
      'one is of another account',
      () => receipts.with(2, signedBy(SIGNER, { ...receipts[2]!.message, account: 'acct_other' })),
      /receipt at 2: account is acct_other/,
    ],
    [
      'one does not verify',
      () => receipts.with(3, { ...receipts[3]!, digest: '' }),
      /receipt at 3: receipt\.digest is not/,
    ],
  ];
  for (const [name, given, want] of BROKEN) {
    it(`fails where ${name}`, () => {
      const verdict = verifyChain(given(), TRUST);
      assert.match(verdict.valid ? 'valid' : verdict.reason, want);
    });
  }
});
