import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';

import { pino } from 'pino';

import { readConfig } from '../../runtime/config.js';
import { startGateway } from '../../runtime/main.js';

/** Promise 14, for the key of a client: what it sends and Node cannot parse is not to be found in the log. */
describe('the log of a request that is no HTTP', () => {
  it('says what is wrong with it, and holds none of it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tollgate-log-'));
    const log = new PassThrough();
    const gateway = await startGateway(
      readConfig({ PORT: '0', TOLLGATE_DATA_DIR: dir, DATABASE_URL: `sqlite:${join(dir, 'tollgate.db')}` }, {}),
      { logger: pino({ level: 'info' }, log) },
    );
    try {
      const { port } = new URL(gateway.url);
      const socket = connect(Number(port), '127.0.0.1');
      socket.resume();
      const lines = ['POST /v1/quotes HTTP/1.1', 'Host: localhost', 'Content-Type: application/json'];
      const headers = [...lines, 'Authorization: Bearer tg_live_canary', 'Transfer-Encoding: chunked'];
      socket.write(`${headers.join('\r\n')}\r\n\r\n5\r\nhello\r\nno length\r\n`);
      const [line] = (await once(log, 'data')) as [Buffer];
      await once(socket, 'close');
      const { level, err } = JSON.parse(line.toString()) as { level: number; err: Record<string, unknown> };
      assert.equal(level, pino.levels.values.info, 'what clients do wrong could fill an operator’s disk');
      assert.equal(err.code, 'HPE_INVALID_CHUNK_SIZE');
      assert.deepEqual(Object.keys(err).sort(), ['code', 'message', 'stack', 'type']);
      assert.ok(!line.includes('canary') && !line.includes([...Buffer.from('canary')].join(',')));
    } finally {
      await gateway.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
