import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';

import { createResolveName, type NameSources, type ResolveName } from '../../runtime/upstream/resolve-name.js';

const fault = (code: string) => Object.assign(new Error(code), { code });
const never = () => new Promise<never>(() => undefined);

describe('the name of an upstream', () => {
  /** What was asked, of whom, in order. */
  let asked: string[];
  let v4: (hostname: string) => Promise<string[]>;
  let v6: (hostname: string) => Promise<string[]>;
  let system: (hostname: string) => Promise<readonly LookupAddress[]>;
  let resolve: ResolveName;
  beforeEach(() => {
    asked = [];
    v4 = () => Promise.resolve(['8.8.8.8']);
    v6 = () => Promise.resolve(['2001:4860:4860::8888']);
    system = () => Promise.resolve([{ address: '1.1.1.1', family: 4 }]);
    const told = <Answer>(who: string, hostname: string, answer: Answer): Answer => (
      asked.push(`${who} ${hostname}`),
      answer
    );
    const servers = {
      resolve4: (hostname: string) => told('v4', hostname, v4(hostname)),
      resolve6: (hostname: string) => told('v6', hostname, v6(hostname)),
    };
    resolve = createResolveName({
      servers: servers as NameSources['servers'],
      system: (hostname) => told('system', hostname, system(hostname)),
    });
  });

  it('is asked of the name servers, for addresses of both families, and takes no thread', async () => {
    assert.deepEqual(await resolve('api.test', false), [
      { address: '8.8.8.8', family: 4 },
      { address: '2001:4860:4860::8888', family: 6 },
    ]);
    assert.deepEqual(asked, ['v4 api.test', 'v6 api.test']);
  });

  it('may have addresses of one family alone', async () => {
    v6 = () => Promise.reject(fault('ENODATA'));
    assert.deepEqual(await resolve('api.test', false), [{ address: '8.8.8.8', family: 4 }]);
  });

  it('is looked up as the system does where it is the operator’s own', async () => {
    assert.deepEqual(await resolve('api.internal', true), [{ address: '1.1.1.1', family: 4 }]);
    assert.deepEqual(asked, ['system api.internal']);
  });

  for (const code of ['ENOTFOUND', 'ENODATA', 'ECONNREFUSED', 'ESERVFAIL']) {
    it(`is looked up as the system does where the servers say ${code}`, async () => {
      v4 = v6 = () => Promise.reject(fault(code));
      assert.deepEqual(await resolve('api.test', false), [{ address: '1.1.1.1', family: 4 }]);
    });
  }

  it('that the servers are silent about fails, and no thread waits for it', async () => {
    v4 = () => Promise.reject(fault('ETIMEOUT'));
    v6 = () => Promise.reject(fault('ENOTFOUND'));
    await assert.rejects(resolve('api.test', false), { code: 'ETIMEOUT' });
    assert.deepEqual(asked, ['v4 api.test', 'v6 api.test']);
  });

  it('that hangs takes one thread at most, and holds up no name that the servers know', async () => {
    v4 = v6 = (hostname) =>
      hostname === 'fine.test' ? Promise.resolve(['9.9.9.9']) : Promise.reject(fault('ENOTFOUND'));
    system = never;
    for (const hostname of ['a.test', 'b.test', 'c.test']) void resolve(hostname, false);
    assert.equal((await resolve('fine.test', false))[0]!.address, '9.9.9.9');
    assert.deepEqual(
      asked.filter((question) => question.startsWith('system')),
      ['system a.test'],
    );
  });

  it('that is not known holds up the next one no longer than until it is told so', async () => {
    v4 = v6 = () => Promise.reject(fault('ENOTFOUND'));
    system = (hostname) =>
      hostname === 'a.test' ? Promise.reject(fault('ENOTFOUND')) : Promise.resolve([{ address: '1.1.1.1', family: 4 }]);
    const [a, b] = await Promise.allSettled([resolve('a.test', false), resolve('b.test', false)]);
    assert.deepEqual([a.status, b.status], ['rejected', 'fulfilled']);
  });

  it('is asked for once, however many connections wait for it, and again by the next', async () => {
    await Promise.all(Array.from({ length: 32 }, () => resolve('api.test', false)));
    assert.deepEqual(asked, ['v4 api.test', 'v6 api.test']);
    await resolve('api.test', false);
    assert.equal(asked.length, 4);
  });

  it('is not the same for the operator’s own provider and for another', async () => {
    await Promise.all([resolve('api.test', false), resolve('api.test', true)]);
    assert.deepEqual(asked, ['v4 api.test', 'v6 api.test', 'system api.test']);
  });
});
