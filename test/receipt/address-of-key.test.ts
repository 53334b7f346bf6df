import { computeAddress } from 'ethers';
import fc from 'fast-check';

import { Secret } from '../../runtime/credential/secret.js';
import { addressOfKey } from '../../runtime/receipt/address-of-key.js';

/** The order of the curve; a private key is a number above 0 and below it. */
const ORDER = 2n ** 256n - 0x14551231950b75fc4402da1732fc9bebfn;

describe('the address of a key', () => {
  it('is what ethers reckons, over random keys and those at both ends', () => {
    const keys = fc.oneof(fc.constantFrom(1n, 2n, ORDER - 1n), fc.bigInt({ min: 1n, max: ORDER - 1n }));
    fc.assert(
      fc.property(keys, (number) => {
        const key = `0x${number.toString(16).padStart(64, '0')}`;
        return addressOfKey(new Secret(key)) === computeAddress(key);
      }),
      { numRuns: 50 },
    );
  });
});
