import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import { ClientOfResponse } from '../../runtime/http/client-of-response.js';

describe('the client of a response', () => {
  let res: ServerResponse;
  beforeEach(() => {
    res = new ServerResponse(new IncomingMessage(new Socket()));
  });

  it('waits while the response is open', () => {
    const client = new ClientOfResponse(res);
    assert.deepEqual([client.hasGone, client.gone.aborted], [false, false]);
  });

  it('has gone where the response closes before its end, for who listens already', () => {
    const client = new ClientOfResponse(res);
    const { gone } = client;
    res.emit('close');
    assert.deepEqual([client.hasGone, gone.aborted], [true, true]);
  });

  it('has gone for who listens only later, too', () => {
    const client = new ClientOfResponse(res);
    res.emit('close');
    assert.deepEqual([client.hasGone, client.gone.aborted], [true, true]);
  });
});
