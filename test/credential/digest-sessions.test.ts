import assert from 'node:assert/strict';

import type { DigestLogin } from '../../runtime/credential/digest-answer.js';
import { DigestSessions } from '../../runtime/credential/digest-sessions.js';
import { Secret } from '../../runtime/credential/secret.js';
import type { UpstreamAnswer } from '../../runtime/upstream/send.js';
import type { UpstreamRequest } from '../../runtime/upstream/upstream-request.js';
import { anAnswer } from '../upstream/an-answer.js';

const LOGIN: DigestLogin = { pair: new Secret('Ada:secret'), user: 'Ada', password: new Secret('secret') };
const URL_ = new URL('https://api.acme.test/things');
const REQUEST: UpstreamRequest = { method: 'GET', url: URL_, headers: [], origin: URL_.origin };

function answerOf(status: number, headers: Readonly<Record<string, string>> = {}): UpstreamAnswer {
  return anAnswer('', { status, headers, contentType: '' });
}

const OK = answerOf(200);
const challenge = (nonce: string): UpstreamAnswer =>
  answerOf(401, { 'www-authenticate': `Digest realm="r", nonce="${nonce}", qop="auth"` });

describe('what is known of a server that wants Digest', () => {
  let sessions: DigestSessions;
  /** What each request was sent with: `bare`, or a nonce and its count. */
  let sent: string[];

  beforeEach(() => {
    sessions = new DigestSessions({ nowMs: () => 0, randomBytes: (count) => new Uint8Array(count) });
    sent = [];
  });

  /** @param answers one after the other. */
  const exchange = (...answers: readonly (UpstreamAnswer | Promise<UpstreamAnswer>)[]): Promise<UpstreamAnswer> => {
    const rest = [...answers];
    const send = ({ headers }: UpstreamRequest): Promise<UpstreamAnswer> => {
      const text = headers.find(([name]) => name === 'authorization')?.[1] ?? '';
      const [, nonce, count] = /nonce="([^"]*)".*nc=(\d+)/.exec(text) ?? [];
      sent.push(nonce === undefined ? 'bare' : `${nonce} ${Number(count)}`);
      return Promise.resolve(rest.shift()!);
    };
    return sessions.exchange(LOGIN, REQUEST, send, new Set());
  };
  /** An answer that comes when it is let go. */
  const later = (answer: UpstreamAnswer): { readonly answer: Promise<UpstreamAnswer>; readonly come: () => void } => {
    let come!: () => void;
    return { answer: new Promise((resolve) => (come = () => resolve(answer))), come };
  };

  it('is told in one Authorization header, whatever the document fixes there', async () => {
    const told: (readonly string[])[] = [];
    const send = ({ headers }: UpstreamRequest): Promise<UpstreamAnswer> => {
      told.push(headers.filter(([name]) => name === 'authorization').map(([, value]) => value.slice(0, 6)));
      return Promise.resolve(told.length === 1 ? challenge('one') : OK);
    };
    const request: UpstreamRequest = { ...REQUEST, headers: [['authorization', 'fixed']] };
    await sessions.exchange(LOGIN, request, send, new Set());
    assert.deepEqual(told, [[], ['Digest']]);
  });

  it('is not forgotten for a call that began before, and that is refused', async () => {
    await exchange(challenge('one'), OK);
    const slow = later(answerOf(401));
    const refused = exchange(slow.answer);
    await exchange(challenge('two'), OK);
    slow.come();
    assert.equal((await refused).status, 401);
    await exchange(OK);
    assert.deepEqual(sent, ['bare', 'one 1', 'one 2', 'one 3', 'two 1', 'two 2']);
  });

  it('is not put back by a call that began before, and that was let in', async () => {
    await exchange(challenge('one'), OK);
    const slow = later(OK);
    const admitted = exchange(slow.answer);
    await exchange(challenge('two'), OK);
    slow.come();
    await admitted;
    await exchange(OK);
    assert.deepEqual(sent, ['bare', 'one 1', 'one 2', 'one 3', 'two 1', 'two 2']);
  });

  it('is forgotten where the password is refused, so that the next call asks anew', async () => {
    await exchange(challenge('one'), OK);
    await exchange(challenge('two'), challenge('three'));
    await exchange(OK);
    assert.deepEqual(sent, ['bare', 'one 1', 'one 2', 'two 1', 'bare']);
  });

  it('has the counts of 64 nonces that it gave, and no more', async () => {
    for (let nonce = 1; nonce <= 65; nonce += 1) await exchange(challenge(`n${nonce}`), OK);
    sent = [];
    await exchange(challenge('n2'), OK);
    await exchange(challenge('n1'), OK);
    assert.deepEqual(sent, ['n65 2', 'n2 3', 'n2 4', 'n1 1']);
  });
});
