/**
 * What a caller, a document or an upstream may send that is hostile or broken, and where the test of the safe answer
 * stands: many of them beside what they defend, those that need a whole gateway here. A test that is renamed or taken
 * out is missed here.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PACKAGE_ROOT } from '../../runtime/package-root.js';

const INPUTS: readonly (readonly [input: string, ...tests: (readonly [file: string, name: string])[]])[] = [
  [
    'a path argument with dots, slashes or question marks',
    ['hostile/upstream-request', 'is refused, and nothing is sent'],
    ['hostile/upstream-request', 'is sent encoded'],
    ['upstream/build-request', 'keeps the template whatever the arguments are'],
  ],
  [
    'a host that is not the descriptor’s',
    ['upstream/build-request', 'refuses the server variable'],
    ['upstream/send', 'refuses to send a request that has left its origin'],
    ['credential/inject', 'is not done for a request that has left its origin'],
  ],
  [
    'a redirect to where the credential does not belong',
    ['hostile/upstream-request', 'does not follow a redirect: a 3xx is the answer, and no second request is sent'],
    ['upstream/send', 'as an answer and does not follow it'],
  ],
  ['a decompression bomb', ['upstream/send', 'stops at the limit of a bomb of']],
  [
    'a name that is rebound, and a private address',
    ['upstream/send', 'resolves a name once for a connection, and connects to what it judged'],
    ['upstream/send', 'judges again at each connection, so that a name that moves inward later is refused'],
    ['upstream/address-guard', '64:ff9b::7f00:1'],
    ['hostile/upstream-request', 'is refused unless the operator allows that provider by name'],
  ],
  [
    'an Origin or a Host that is not ours',
    ['http/app', 'refuses a name that was rebound to its address'],
    ['http/app', 'refuses a page of another site, at every path'],
  ],
  [
    'line breaks and NUL in a header',
    ['hostile/upstream-request', 'into a header argument: refused before the hold'],
    ['hostile/upstream-request', 'cannot name a header that the descriptor does not have'],
  ],
  [
    'a credential of the caller’s',
    ['hostile/upstream-request', 'cannot send a credential of its own to'],
    ['credential/inject', "wins over the caller's header of the same name, however it is spelled"],
  ],
  [
    'an upstream that repeats our key',
    ['hostile/upstream-request', 'is redacted when an upstream repeats it, in every form, and the answer says so'],
  ],
  [
    'a client that goes away',
    ['hostile/client-gone', 'before its call is sent has its hold released, and nothing is sent for it'],
    ['hostile/client-gone', 'after its call is sent has it finished, captured, and delivered to who asks with the key'],
  ],
  [
    'a disk that is full',
    ['hostile/disk-full', 'stops calls before they are sent, says to try again later'],
    ['store/commit-queue', 'answers STORE_UNAVAILABLE where the commit fails with'],
  ],
  ['an upstream that fails in any way', ['call/charging', 'nothing, on ${name}']],
  [
    'a reference to a file or a server',
    ['hostile/documents', 'reads no file beside it and asks nobody, by a reference'],
    ['generator/load/load-document', 'warns of a reference that leads nowhere'],
  ],
  [
    'a pattern that takes for ever',
    ['catalogue/argument-validator', 'because an engine that cannot go back matches its patterns'],
  ],
  [
    'words that steer an agent or mislead a reviewer',
    ['generator/normalize/normalize', 'removes what could mislead a reader from texts, and caps them'],
    ['hostile/documents', 'has no character in its sources that hides or reorders what a reviewer sees'],
  ],
  [
    '__proto__, duplicate keys, 1e400, lone surrogates',
    ['call/canonical-arguments', 'give nothing a prototype of the caller’s choice'],
    ['call/canonical-arguments', 'have one digest, in whatever order and form they were sent'],
    ['catalogue/argument-validator', 'refuses an argument that the endpoint does not have, __proto__ too'],
  ],
  [
    'slow clients, oversized bodies, floods',
    ['hostile/flood', 'lose their connection after ${name}, while others are served'],
    ['hostile/flood', 'is given a quarter of them at most, so that others find room'],
    ['hostile/flood', 'counts against the rate limit message by message'],
    ['hostile/flood', 'is told to wait, whatever it asks, and nobody else is'],
    ['hostile/flood', 'take no more memory together than there is for them'],
    ['http/app', 'a body too large'],
  ],
  [
    'a provider that is stuck, slow or floods',
    ['call/provider-limits', 'that answers nothing keeps its own callers waiting and nobody else'],
    ['upstream/resolve-name', 'that hangs takes one thread at most, and holds up no name that the servers know'],
  ],
];

describe('a hostile input', () => {
  for (const [input, ...tests] of INPUTS) {
    it(`has its test: ${input}`, () => {
      for (const [file, name] of tests) {
        const source = readFileSync(join(PACKAGE_ROOT, 'test', `${file}.test.ts`), 'utf8');
        assert.ok(source.includes(name), `test/${file}.test.ts has no test "${name}"`);
      }
    });
  }
});
