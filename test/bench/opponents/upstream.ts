/** The bench's upstream, as a process: whatever is asked, it answers the same small JSON at once. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const BODY = JSON.stringify({
  id: 'p-1',
  name: 'Steel bottle',
  price: { amount: '18.50', currency: 'EUR' },
  tags: ['kitchen', 'outdoor'],
  stock: 42,
  description: 'Keeps what is hot hot and what is cold cold, for about as long as one is likely to carry it around.',
});

const server = createServer((req, res) => {
  req.resume();
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) });
  res.end(BODY);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  console.log(`listening: http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
