import assert from 'node:assert/strict';

import { GatewayError } from '../../runtime/gateway-error.js';
import { OwnAddressCheck, ownUrl, type OwnAddress } from '../../runtime/http/own-address.js';

const LOOPBACK: OwnAddress = { host: '127.0.0.1', port: 8402 };
const PUBLIC: OwnAddress = { host: '0.0.0.0', port: 8402, publicUrl: 'https://tollgate.example.com' };
const ANY: OwnAddress = { host: '0.0.0.0', port: 8402 };
const ANY_6: OwnAddress = { host: '::', port: 8402 };
const NAMED: OwnAddress = { host: 'Gateway.internal', port: 8402 };
const LONG_6: OwnAddress = { host: '2001:db8:0:0:0:0:0:1', port: 8402 };

function refusedHeader(own: OwnAddress, host: string | undefined, origin: string | undefined): string | undefined {
  try {
    new OwnAddressCheck(() => own).check(host, origin);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof GatewayError);
    assert.equal(error.code, 'ORIGIN_NOT_ALLOWED');
    return error.message;
  }
}

describe('the Host header', () => {
  const OURS: readonly (readonly [own: OwnAddress, host: string])[] = [
    [LOOPBACK, '127.0.0.1:8402'],
    [LOOPBACK, 'localhost:8402'],
    [LOOPBACK, 'LOCALHOST:8402'],
    [LOOPBACK, '[::1]:8402'],
    [LOOPBACK, '127.0.0.1'],
    // Behind a port that is forwarded, the client's port is another.
    [LOOPBACK, 'localhost:9999'],
    [PUBLIC, 'tollgate.example.com'],
    [PUBLIC, 'tollgate.example.com:443'],
    [PUBLIC, '10.1.2.3:8402'],
    [ANY, '192.168.1.7:8402'],
    [ANY, '[2001:db8::7]:8402'],
    [ANY_6, '192.168.1.7:8402'],
    [NAMED, 'gateway.internal:8402'],
    [LONG_6, '[2001:db8::1]:8402'],
  ];
  for (const [own, host] of OURS) {
    it(`${host} is ours, listening on ${own.host}`, () => {
      assert.equal(refusedHeader(own, host, undefined), undefined);
    });
  }

  const FOREIGN: readonly (readonly [own: OwnAddress, host: string | undefined])[] = [
    [LOOPBACK, 'evil.example:8402'],
    [LOOPBACK, 'localhost.evil.example:8402'],
    [LOOPBACK, '127.0.0.1.nip.io:8402'],
    [LOOPBACK, 'evil.localhost'],
    [LOOPBACK, '192.168.1.7:8402'],
    [LOOPBACK, '0.0.0.0:8402'],
    [LOOPBACK, ''],
    [LOOPBACK, undefined],
    [LOOPBACK, 'not a host'],
    [LOOPBACK, '[::1'],
    [LOOPBACK, 'evil.example@localhost'],
    [LOOPBACK, 'localhost/evil.example'],
    [LOOPBACK, 'localhost\\evil.example'],
    [LOOPBACK, 'localhost?evil.example'],
    [LOOPBACK, 'localhost#evil.example'],
    [PUBLIC, 'evil.example'],
    [PUBLIC, 'tollgate.example.com.evil.example'],
    // A name can be rebound to any address; a literal address cannot.
    [ANY, 'rebound.evil.example:8402'],
    [ANY_6, 'rebound.evil.example:8402'],
    [NAMED, 'other.internal:8402'],
  ];
  for (const [own, host] of FOREIGN) {
    it(`"${String(host)}" is not ours, listening on ${own.host}`, () => {
      assert.equal(refusedHeader(own, host, undefined), `Host "${host ?? ''}" is not this gateway's address`);
    });
  }
});

describe('the Origin header', () => {
  const OURS: readonly (readonly [own: OwnAddress, origin: string | undefined])[] = [
    // Programs send none; a browser always does for what could spend money.
    [LOOPBACK, undefined],
    [LOOPBACK, 'http://127.0.0.1:8402'],
    [LOOPBACK, 'http://localhost:8402'],
    [LOOPBACK, 'http://[::1]:8402'],
    [{ ...LOOPBACK, port: 80 }, 'http://localhost'],
    [PUBLIC, 'https://tollgate.example.com'],
    [PUBLIC, 'http://localhost:8402'],
    [NAMED, 'http://gateway.internal:8402'],
    [LONG_6, 'http://[2001:db8::1]:8402'],
  ];
  for (const [own, origin] of OURS) {
    it(`${String(origin)} is ours, listening on ${own.host}:${own.port}`, () => {
      assert.equal(refusedHeader(own, 'localhost', origin), undefined);
    });
  }

  const FOREIGN: readonly (readonly [own: OwnAddress, origin: string])[] = [
    [LOOPBACK, 'https://evil.example'],
    [LOOPBACK, 'http://localhost:3000'],
    [LOOPBACK, 'http://localhost'],
    [LOOPBACK, 'https://localhost:8402'],
    [LOOPBACK, 'null'],
    [LOOPBACK, 'http://localhost:8402.evil.example'],
    [LOOPBACK, 'http://evil.example/http://localhost:8402'],
    [PUBLIC, 'http://tollgate.example.com'],
    [PUBLIC, 'https://tollgate.example.com:444'],
    [ANY, 'http://192.168.1.7:8402'],
  ];
  for (const [own, origin] of FOREIGN) {
    it(`${origin} is not ours, listening on ${own.host}:${own.port}`, () => {
      assert.equal(refusedHeader(own, 'localhost', origin), `Origin "${origin}" is not this gateway's address`);
    });
  }

  it('is shown cut off where it is long', () => {
    const message = refusedHeader(LOOPBACK, 'localhost', `https://${'x'.repeat(5_000)}`)!;
    assert.ok(message.length < 200);
  });
});

describe('a check that remembers', () => {
  it('asks for our address once for each Host that is ours', () => {
    let asked = 0;
    const check = new OwnAddressCheck(() => {
      asked += 1;
      return LOOPBACK;
    });
    for (const host of ['localhost:8402', '127.0.0.1:8402', 'localhost:8402']) check.check(host, undefined);
    assert.equal(asked, 2);
  });

  it('refuses what is foreign each time, also from a Host that it remembers', () => {
    const check = new OwnAddressCheck(() => LOOPBACK);
    const refused = { name: 'GatewayError', code: 'ORIGIN_NOT_ALLOWED' };
    check.check('localhost:8402', undefined);
    for (let time = 0; time < 2; time++) {
      assert.throws(() => check.check('evil.example', undefined), refused);
      assert.throws(() => check.check(undefined, undefined), refused);
      assert.throws(() => check.check('localhost:8402', 'https://evil.example'), refused);
    }
  });

  it('remembers no more than a hundred spellings, and takes the others all the same', () => {
    let asked = 0;
    const check = new OwnAddressCheck(() => {
      asked += 1;
      return LOOPBACK;
    });
    for (let time = 0; time < 2; time++) {
      for (let port = 1; port <= 150; port++) check.check(`localhost:${port}`, undefined);
    }
    assert.equal(asked, 200);
  });
});

describe('the URL that clients use', () => {
  const CASES: readonly (readonly [own: OwnAddress, want: string])[] = [
    [LOOPBACK, 'http://127.0.0.1:8402'],
    [PUBLIC, 'https://tollgate.example.com'],
    [ANY_6, 'http://[::]:8402'],
    [LONG_6, 'http://[2001:db8::1]:8402'],
  ];
  for (const [own, want] of CASES) {
    it(`is ${want}`, () => {
      assert.equal(ownUrl(own), want);
    });
  }
});
