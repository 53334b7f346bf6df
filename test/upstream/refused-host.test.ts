import assert from 'node:assert/strict';

import { refusedHost } from '../../runtime/upstream/refused-host.js';

describe('a host that shows in the url', () => {
  it('is judged by what is loaded at the next call where it could not be', async () => {
    let failing = true;
    const load = () => {
      if (failing) return Promise.reject(new Error('EMFILE: too many open files'));
      return import('../../runtime/upstream/address-guard.js');
    };
    const refused = refusedHost(() => false, load);
    const url = new URL('http://127.0.0.1/');
    await assert.rejects(async () => refused('one', url), /EMFILE/);
    failing = false;
    assert.match((await refused('one', url))!, /^requests may not go to "127.0.0.1": /);
  });
});
