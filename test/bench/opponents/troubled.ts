/**
 * An upstream in trouble, as a process: what it does is told by the argument. `stuck` answers nothing, `slow` answers
 * after two seconds, `flooding` sends megabytes without an end.
 */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const CHUNK = Buffer.alloc(65_536, 'x');

const TROUBLES: Readonly<Record<string, (response: ServerResponse) => void>> = {
  stuck: () => undefined,
  slow: (response) => void setTimeout(() => response.end('{}'), 2_000),
  flooding: (response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(CHUNK)) continue;
    };
    response.on('drain', more);
    more();
  },
};

const trouble = TROUBLES[process.argv[2] ?? ''];
if (trouble === undefined) throw new Error(`name one of ${Object.keys(TROUBLES).join(', ')}`);
const server = createServer((req, res) => {
  req.resume();
  res.setHeader('content-type', 'application/json');
  trouble(res);
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listening: http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
