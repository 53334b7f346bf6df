/** The bench's upstream, as a process: whatever is asked, it answers one product of the sandbox's shop at once. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const BODY = JSON.stringify({
  id: 'p-001',
  name: 'Enamel mug',
  category: 'kitchen',
  tags: ['blue', 'steel'],
  dimensions: { width_mm: 90, height_mm: 85 },
  stock: [
    { warehouse: 'north', quantity: 140 },
    { warehouse: 'south', quantity: 62 },
  ],
  price: { amount: '9.00', currency: 'EUR' },
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
