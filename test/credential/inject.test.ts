import assert from 'node:assert/strict';
import type { Credential, CredentialPart } from '../../runtime/credential/credential.js';
import { inject } from '../../runtime/credential/inject.js';
import { Secret } from '../../runtime/credential/secret.js';
import { buildRequest } from '../../runtime/upstream/build-request.js';
import { endpointWith, parameter } from '../upstream/endpoint-with.js';

function credential(...parts: (readonly [CredentialPart['in'], string, string])[]): Credential {
  const placed = parts.map(([place, name, value]) => ({ in: place, name, value: new Secret(value) }));
  return { parts: placed, secrets: [], hasOthers: false, refused: () => false };
}

describe('injecting a credential', () => {
  it('adds it to header, query and cookie', () => {
    const request = buildRequest(endpointWith(), {}, undefined);
    const injected = inject(
      request,
      credential(['header', 'X-Api-Key', 'k&1'], ['query', 'api key', 'k&2 +'], ['cookie', 'session', 'k3']),
    );
    assert.equal(injected.url.href, 'https://api.example.com/v1/things?api%20key=k%262%20%2B');
    assert.deepEqual(injected.headers.slice(-2), [
      ['x-api-key', 'k&1'],
      ['cookie', 'session=k3'],
    ]);
    assert.equal(request.url.search, '');
  });

  it("wins over the caller's header of the same name, however it is spelled", () => {
    const endpoint = endpointWith({ parameters: [parameter('header', 'X-API-KEY')] });
    const request = buildRequest(endpoint, { 'X-API-KEY': 'mine' }, undefined);
    const injected = inject(request, credential(['header', 'x-api-key', 'ours']));
    assert.deepEqual(
      injected.headers.filter(([name]) => name === 'x-api-key'),
      [['x-api-key', 'ours']],
    );
  });

  it("wins over the caller's query of the same name, given as a parameter or smuggled in by an object", () => {
    const endpoint = endpointWith({ parameters: [parameter('query', 'key'), parameter('query', 'filter')] });
    const args = { key: ['mine', 'mine too'], filter: { key: 'smuggled', other: 'a b' } };
    const injected = inject(buildRequest(endpoint, args, undefined), credential(['query', 'key', 'ours']));
    assert.equal(injected.url.search, '?other=a%20b&key=ours');
  });

  it("wins over an encoded spelling of the query's name in the document's own path", () => {
    const endpoint = endpointWith({ path: '/things?k%65y=theirs&a=1' });
    const injected = inject(buildRequest(endpoint, {}, undefined), credential(['query', 'key', 'ours']));
    assert.equal(injected.url.search, '?a=1&key=ours');
  });

  it('leaves alone what decodes to no name in the path of the document', () => {
    const endpoint = endpointWith({ path: '/things?k%E0=theirs' });
    const injected = inject(buildRequest(endpoint, {}, undefined), credential(['query', 'key', 'ours']));
    assert.equal(injected.url.search, '?k%E0=theirs&key=ours');
  });

  it("wins over the caller's cookie of the same name, and keeps one cookie header", () => {
    const endpoint = endpointWith({ parameters: [parameter('cookie', 'session'), parameter('cookie', 'theme')] });
    const request = buildRequest(endpoint, { session: { session: 'mine', x: '1' }, theme: 'dark' }, undefined);
    const injected = inject(request, credential(['cookie', 'session', 'ours']));
    assert.deepEqual(
      injected.headers.filter(([name]) => name === 'cookie'),
      [['cookie', 'x=1; theme=dark; session=ours']],
    );
  });

  it('is not done for a request that has left its origin', () => {
    const request = { ...buildRequest(endpointWith(), {}, undefined), url: new URL('https://evil.example/v1/things') };
    assert.throws(
      () => inject(request, credential(['header', 'x-api-key', 'ours'])),
      /was about to go to https:\/\/evil/,
    );
  });
});
