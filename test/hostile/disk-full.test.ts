import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';

import { pino } from 'pino';

import { systemClock } from '../../runtime/clock.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { startTestGateway, type Json } from '../fixtures/test-gateway.js';

/** Hostile input 11: where nothing can be written, no call is taken and nothing is sent. */
describe('a disk that is full', () => {
  it('stops calls before they are sent, says to try again later, and calls go on when there is room', async () => {
    let nowMs = systemClock.nowMs();
    const log = new PassThrough().setEncoding('utf8');
    const clock = { ...systemClock, nowMs: () => nowMs };
    const gateway = await startTestGateway({}, { clock, logger: pino(log) });
    try {
      const { apiKey } = await gateway.account('1');
      const { store } = gateway.running.books;
      const call = () => askPlainHttp(`${gateway.url}/v1/call/sandbox/quote-of-the-day`, apiKey, {});
      const mostPages = (pages: number) => store.write((sql) => sql.rows(`PRAGMA max_page_count = ${pages}`));
      assert.equal((await call()).status, 200);
      // SQLite's own bound: from here on the file cannot grow, and a write that needs a page fails as on a full disk.
      await mostPages(1);
      // Pages that are there already have room for a while yet, and for a hold longer than for an answer.
      let refused = await call();
      while (refused.status === 200) refused = await call();
      assert.deepEqual([refused.body.code, refused.body.retryable], ['STORE_UNAVAILABLE', true]);
      assert.equal(refused.body.message, 'the database of this gateway has no room left');
      assert.match(refused.body.remedy as string, /, tell the operator, who can make room on its disk$/);
      const lines = (log.read() as string).trim().split('\n');
      const told = JSON.parse(lines.at(-1)!) as Json;
      assert.deepEqual(
        [told.outcome, told.cause],
        ['STORE_UNAVAILABLE', 'SQLITE_FULL'],
        'the code is for the operator',
      );
      const sent = gateway.running.sandbox!.requests;
      for (let calls = 0; calls < 3; calls += 1) {
        const { status, body } = await call();
        assert.deepEqual([status, body.code, body.charged], [503, 'STORE_UNAVAILABLE', '0.000000']);
      }
      assert.equal(gateway.running.sandbox!.requests, sent, 'nothing is sent for a call that could not be stored');
      assert.equal((await fetch(`${gateway.url}/readyz`)).status, 503);
      nowMs += 5_000;
      const ready = await fetch(`${gateway.url}/readyz`);
      assert.deepEqual(
        [ready.status, ((await ready.json()) as Json).problems],
        [503, ['the last call could not be stored']],
        'a write of less than a call finds room',
      );
      await mostPages(1_000_000);
      assert.equal((await call()).status, 200);
      assert.equal((await fetch(`${gateway.url}/readyz`)).status, 200);
    } finally {
      await gateway.close();
    }
  });
});
