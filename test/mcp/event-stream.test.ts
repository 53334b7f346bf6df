import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

import { writeNotification } from '../../runtime/mcp/event-stream.js';

describe('notifications in a stream of events', () => {
  it('are not kept for a client that reads none of them, above 256 KiB', () => {
    // It has no connection yet, so that all is kept that is written.
    const res = new ServerResponse(new IncomingMessage(new Socket()));
    for (let count = 0; count < 40; count += 1) writeNotification(res, JSON.stringify('x'.repeat(10_000)), {});
    const kept = res.writableLength;
    assert.ok(kept > 262_144 && kept < 280_000, String(kept));
  });
});
