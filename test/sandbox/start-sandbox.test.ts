import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { startSandbox, type Sandbox } from '../../runtime/sandbox/start-sandbox.js';
import { documentedFetch } from './documented-fetch.js';

const KEY = 'start-test-key';

describe('startSandbox', () => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await startSandbox({ port: 0, key: KEY });
  });
  afterEach(() => sandbox.close());

  it('listens on a free port of the loopback address and says where', async () => {
    assert.equal(sandbox.url, `http://127.0.0.1:${sandbox.port}`);
    assert.notEqual(sandbox.port, 0);
    assert.equal((await fetch(`${sandbox.url}/quote`)).status, 200);
  });

  it('rejects when the port is taken', async () => {
    await assert.rejects(startSandbox({ port: sandbox.port, key: KEY }), { code: 'EADDRINUSE' });
  });

  const unfit: [string, string][] = [
    ['shorter than 8 characters', 'short'],
    ['with a space', 'a key with spaces'],
    ['with a quote', 'quote"in-key'],
    ['with a comma', 'comma,in-key'],
    ['with a semicolon', 'semicolon;in-key'],
    ['with a backslash', 'backslash\\in-key'],
    ['with a letter outside ASCII', 'schlüssel-key'],
    ['with a line break', 'line-break\nin-key'],
  ];
  for (const [name, key] of unfit) {
    it(`rejects a key ${name}`, async () => {
      await assert.rejects(startSandbox({ port: 0, key }), RangeError);
    });
  }

  it('counts every request, those to unknown paths included', async () => {
    await fetch(`${sandbox.url}/quote`);
    await fetch(`${sandbox.url}/nowhere`);
    assert.equal(sandbox.requests, 2);
  });

  it('closes while a call is waiting, and hangs up on it', async () => {
    const other = await startSandbox({ port: 0, key: KEY });
    const waiting = assert.rejects(fetch(`${other.url}/fail?mode=timeout`));
    while (other.requests === 0) await new Promise(setImmediate);
    await other.close();
    await waiting;
    await assert.rejects(fetch(`${other.url}/quote`));
  });

  it('counts a request to an operation whatever becomes of it', async () => {
    await fetch(`${sandbox.url}/weather/paris`);
    await fetch(`${sandbox.url}/weather/atlantis`);
    await assert.rejects(fetch(`${sandbox.url}/fail?mode=reset`, { method: 'POST' }));
    await fetch(`${sandbox.url}/nowhere`);
    const { operations } = (await documentedFetch(sandbox.url, '/counters')).json as {
      operations: Record<string, number>;
    };
    const counted = Object.fromEntries(Object.entries(operations).filter(([, count]) => count > 0));
    assert.deepEqual(counted, { failPost: 1, getCounters: 1, getWeather: 2 });
    assert.equal(operations.getLogo, 0);
  });

  it('answers an unknown path with a problem', async () => {
    const response = await fetch(`${sandbox.url}/nowhere`);
    assert.equal(response.status, 404);
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    assert.deepEqual(await response.json(), {
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'the sandbox has no GET /nowhere',
    });
  });

  it('answers a wrong method with a problem and the methods that there are', async () => {
    const response = await fetch(`${sandbox.url}/quote`, { method: 'DELETE' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'HEAD, GET');
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
  });

  it('goes on serving after bytes that are no HTTP', async () => {
    const socket = connect(sandbox.port, '127.0.0.1');
    socket.end('\x00\xff garbage\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    assert.equal((await fetch(`${sandbox.url}/quote`)).status, 200);
  });

  it('says the same on every call and in every sandbox', async () => {
    const other = await startSandbox({ port: 0, key: KEY });
    try {
      for (const path of ['/weather/tokyo', '/products', '/logo.png', '/document.pdf', '/tone.wav', '/report.csv']) {
        const [one, two, three] = await Promise.all([
          documentedFetch(sandbox.url, path),
          documentedFetch(sandbox.url, path),
          documentedFetch(other.url, path),
        ]);
        assert.deepEqual(one.bytes, two.bytes, path);
        assert.deepEqual(one.bytes, three.bytes, path);
      }
    } finally {
      await other.close();
    }
  });
});
