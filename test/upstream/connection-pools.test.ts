import assert from 'node:assert/strict';

import { readClientCertificate, type ClientCertificate } from '../../runtime/credential/client-certificate.js';
import { Secret } from '../../runtime/credential/secret.js';
import { ConnectionPools } from '../../runtime/upstream/connection-pools.js';
import { CERTIFICATES } from '../fixtures/test-certificates.js';

const LIMITS = { timeoutMs: 1_000, maxResponseBytes: 1_000_000, concurrency: 8 };

describe('the pools of connections with client certificates', () => {
  const read = readClientCertificate(new Secret(CERTIFICATES.ada)) as ClientCertificate;
  const numbered = (number: number): ClientCertificate => ({ ...read, fingerprint: `certificate ${number}` });

  it('are kept for the 256 certificates that were used last, and closed for the others', async () => {
    const pools = new ConnectionPools({
      allowPrivate: () => true,
      resolveName: () => Promise.resolve([]),
      authorities: [],
    });
    const poolOf = (number: number) => pools.of('acme', LIMITS, numbered(number));
    const made = Array.from({ length: 256 }, (_, number) => poolOf(number));
    assert.equal(poolOf(0), made[0]);
    poolOf(256);
    assert.equal(poolOf(0), made[0]);
    assert.deepEqual([made[0]!.closed, made[1]!.closed, made[2]!.closed], [false, true, false]);
    assert.notEqual(poolOf(1), made[1]);
    await pools.close();
    assert.equal(made[0]!.closed, true);
  });
});
