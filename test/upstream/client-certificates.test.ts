import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { systemClock } from '../../runtime/clock.js';
import { readClientCertificate, type ClientCertificate } from '../../runtime/credential/client-certificate.js';
import { Secret } from '../../runtime/credential/secret.js';
import { createSender, type Sender, type SendOptions, type UpstreamAnswer } from '../../runtime/upstream/send.js';
import { UpstreamFailure } from '../../runtime/upstream/upstream-failure.js';
import type { UpstreamRequest } from '../../runtime/upstream/upstream-request.js';
import { clientName } from '../fixtures/client-name.js';
import { CERTIFICATES, TAKES_CERTIFICATE, WANTS_CERTIFICATE } from '../fixtures/test-certificates.js';
import { rawServer, upstreamServer, type UpstreamServer } from './upstream-server.js';

const LIMITS = { timeoutMs: 20_000, maxResponseBytes: 1_000_000, concurrency: 8 };

function certificate(pem: string): ClientCertificate {
  const read = readClientCertificate(new Secret(pem));
  if (typeof read === 'string') assert.fail(read);
  return read;
}

const ADA = certificate(CERTIFICATES.ada);
const GRACE = certificate(CERTIFICATES.grace);

const REFUSED = "the upstream refused this gateway's client certificate";

describe('sending with a client certificate', () => {
  let server: UpstreamServer;
  let sender: Sender;
  /** Of each request: whom it came from, and whether its connection went on with a session of another one. */
  let seen: string[];

  async function serve(
    tls: ServerOptions,
    differences: Partial<Parameters<typeof createSender>[0]> = {},
  ): Promise<void> {
    seen = [];
    server = await upstreamServer((request, response) => {
      const socket = request.socket as TLSSocket;
      seen.push(`${clientName(request)}${socket.isSessionReused() ? ', resumed' : ''}`);
      if (request.url === '/bye') response.setHeader('connection', 'close');
      response.end(clientName(request));
    }, tls);
    const authorities = [CERTIFICATES.authority];
    sender = createSender({ allowPrivate: () => true, clock: systemClock, authorities, ...differences });
  }

  afterEach(async () => {
    await sender.close();
    await server.close();
  });

  function send(
    options: Partial<SendOptions> = {},
    path = '/',
    method = 'GET',
    origin = server.origin,
  ): Promise<UpstreamAnswer> {
    const url = new URL(origin + path);
    const request: UpstreamRequest = { method, url, headers: [], origin: url.origin };
    return sender.send(request, { provider: 'acme', limits: LIMITS, ...options });
  }

  async function fails(answer: Promise<unknown>): Promise<UpstreamFailure> {
    const error = await answer.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof UpstreamFailure, String(error));
    return error;
  }

  it('shows the certificate to a server that lets nobody in without one, with those that vouch for it', async () => {
    await serve(WANTS_CERTIFICATE);
    assert.equal(Buffer.from((await send({ certificate: ADA })).body).toString(), 'ada');
    assert.equal(Buffer.from((await send({ certificate: GRACE })).body).toString(), 'grace');
  });

  it('shows it on no request of another provider, of another certificate, or of none, whichever comes first', async () => {
    await serve(TAKES_CERTIFICATE);
    for (let round = 0; round < 2; round += 1) {
      await send({ certificate: ADA });
      await send({});
      await send({ certificate: GRACE });
      await send({ provider: 'other' });
      await send({ provider: 'other', certificate: GRACE });
    }
    const once = ['ada', 'nobody', 'grace', 'nobody', 'grace'];
    assert.deepEqual(seen, [...once, ...once]);
    assert.equal(server.connections(), 5, 'each keeps a connection of its own');
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`goes on with no session of another certificate: ${version}`, async () => {
      await serve({ ...TAKES_CERTIFICATE, minVersion: version, maxVersion: version });
      for (let round = 0; round < 2; round += 1) {
        for (const each of [ADA, undefined, GRACE]) await send({ certificate: each }, '/bye');
      }
      assert.deepEqual(seen.slice(0, 3), ['ada', 'nobody', 'grace']);
      assert.deepEqual(
        seen.slice(3).map((line) => line.split(',', 1)[0]),
        ['ada', 'nobody', 'grace'],
      );
    });
  }

  it('knows a certificate by what it is, and not by who read it', async () => {
    await serve(WANTS_CERTIFICATE);
    await send({ certificate: ADA });
    // The connection is free again once its answer has been handled.
    await nextTurn();
    await send({ certificate: certificate(`${CERTIFICATES.ada}\n`) });
    assert.equal(server.connections(), 1);
  });

  it('is kept by the address guard from what it is kept from without', async () => {
    await serve(WANTS_CERTIFICATE, { allowPrivate: () => false });
    const failure = await fails(send({ certificate: ADA }));
    assert.deepEqual([failure.kind, failure.sent, server.connections()], ['address-refused', false, 0]);
  });

  it('connects to the addresses that were judged, and verifies the name of the server there', async () => {
    const names: string[] = [];
    await serve(WANTS_CERTIFICATE, {
      resolveName: (name) => {
        names.push(name);
        return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
      },
    });
    const to = async (host: string): Promise<UpstreamAnswer> => {
      const url = new URL(`https://${host}:${server.port}/`);
      const options = { provider: 'acme', limits: LIMITS, certificate: ADA };
      return sender.send({ method: 'GET', url, headers: [], origin: url.origin }, options);
    };
    assert.equal((await to('upstream.test')).status, 200);
    const failure = await fails(to('other.test'));
    assert.equal(failure.kind, 'untrusted');
    assert.equal(
      failure.message,
      "the upstream's certificate is not trusted: it is for another name (ERR_TLS_CERT_ALTNAME_INVALID)",
    );
    assert.deepEqual(names, ['upstream.test', 'other.test']);
    assert.deepEqual(seen, ['ada']);
  });

  it('shows it to no server that nobody trusted vouches for', async () => {
    await serve(WANTS_CERTIFICATE, { authorities: undefined });
    const failure = await fails(send({ certificate: ADA }));
    assert.deepEqual(
      [failure.kind, failure.sent, failure.message],
      [
        'untrusted',
        false,
        "the upstream's certificate is not trusted: it is from an authority that is not known here (SELF_SIGNED_CERT_IN_CHAIN)",
      ],
    );
    assert.deepEqual(seen, []);
  });

  it('is not sent where there is no TLS to show it over', async () => {
    await serve(WANTS_CERTIFICATE);
    const url = new URL(`http://127.0.0.1:${server.port}/`);
    const request = { method: 'GET', url, headers: [], origin: url.origin };
    await assert.rejects(
      sender.send(request, { provider: 'acme', limits: LIMITS, certificate: ADA }),
      /a request with a client certificate was about to go to http:/,
    );
    assert.equal(server.connections(), 0);
  });

  /** RFC 8446 section 6: a fatal alert, as a server sends it that has not answered anything yet. */
  const ALERTS: readonly (readonly [alert: string, code: number, message: string])[] = [
    ['bad_certificate', 42, `${REFUSED}: it is broken, or not one that it takes`],
    ['unsupported_certificate', 43, `${REFUSED}: it is of a kind that it does not take`],
    ['certificate_revoked', 44, `${REFUSED}: it is revoked`],
    ['certificate_expired', 45, `${REFUSED}: its time is over, or has not begun`],
    ['certificate_unknown', 46, `${REFUSED}: it is not one that it takes`],
    ['unknown_ca', 48, `${REFUSED}: it does not know the authority that it is from`],
    ['access_denied', 49, `${REFUSED}: it may do nothing there`],
    ['decrypt_error', 51, `${REFUSED}: it cannot verify what was signed with the private key`],
    ['certificate_required', 116, 'the upstream asks for a client certificate, and got none that it takes'],
  ];
  for (const [alert, code, message] of ALERTS) {
    it(`says in words what a server says of the certificate: ${alert}`, async () => {
      await serve(WANTS_CERTIFICATE);
      const raw = await rawServer((socket) => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, code])));
      try {
        const failure = await fails(send({ certificate: ADA }, '/', 'POST', `https://127.0.0.1:${raw.port}`));
        assert.deepEqual([failure.kind, failure.sent, failure.message], ['certificate-refused', false, message]);
      } finally {
        await raw.close();
      }
    });
  }

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`says that a server may not take the certificate where it hangs up without a word: ${version}`, async () => {
      await serve({ ...WANTS_CERTIFICATE, minVersion: version, maxVersion: version });
      for (const pem of [CERTIFICATES.mallory, CERTIFICATES.past]) {
        const failure = await fails(send({ certificate: certificate(pem) }));
        assert.ok(['connect', 'reset'].includes(failure.kind), failure.kind);
        assert.match(failure.message, /; it may not take the client certificate$/);
      }
      assert.deepEqual(seen, []);
    });
  }

  it('says that a server asks for a certificate where none is shown', async () => {
    await serve({ ...WANTS_CERTIFICATE, minVersion: 'TLSv1.3' });
    const { kind, message } = await fails(send());
    assert.deepEqual(
      [kind, message],
      ['certificate-refused', 'the upstream asks for a client certificate, and got none that it takes'],
    );
  });

  // Node's own server says nothing; OpenSSL's does, after the request was written.
  for (const version of ['-tls1_2', '-tls1_3']) {
    it(`says in words what OpenSSL's server says, also after the handshake: ${version}`, async function () {
      if (spawnSync('openssl', ['version']).status !== 0) this.skip();
      await serve(WANTS_CERTIFICATE);
      const file = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
      const own = ['-cert', file('upstream'), '-key', file('upstream'), '-CAfile', file('authority')];
      const rules = ['-Verify', '2', '-verify_return_error', '-www', version];
      const child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', ...own, ...rules]);
      try {
        let said = '';
        while (!/^ACCEPT \S+:\d+$/m.test(said)) {
          const [part] = (await once(child.stdout, 'data')) as [Buffer];
          said += String(part);
        }
        const origin = `https://127.0.0.1:${/^ACCEPT \S+:(\d+)$/m.exec(said)![1]}`;
        const says = async (pem: string): Promise<readonly string[]> => {
          const { kind, message } = await fails(send({ certificate: certificate(pem) }, '/', 'GET', origin));
          return [kind, message];
        };
        assert.equal((await send({ certificate: ADA }, '/', 'GET', origin)).status, 200);
        const ofNobody = `${REFUSED}: it does not know the authority that it is from`;
        assert.deepEqual(await says(CERTIFICATES.mallory), ['certificate-refused', ofNobody]);
        const over = `${REFUSED}: its time is over, or has not begun`;
        assert.deepEqual(await says(CERTIFICATES.past), ['certificate-refused', over]);
      } finally {
        child.kill();
      }
    });
  }
});
