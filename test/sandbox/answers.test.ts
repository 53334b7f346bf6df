import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { startSandbox, type Sandbox } from '../../runtime/sandbox/start-sandbox.js';
import { documentedFetch, type Answer } from './documented-fetch.js';

describe('sandbox answers', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox({ port: 0, key: 'answers-test-key' });
  });
  after(() => sandbox.close());

  const get = (target: string): Promise<Answer> => documentedFetch(sandbox.url, target);
  const post = (target: string, body: unknown): Promise<Answer> =>
    documentedFetch(sandbox.url, target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  describe('weather', () => {
    it('is told in metric units unless asked otherwise', async () => {
      assert.deepEqual((await get('/weather/Paris')).json, {
        city: 'Paris',
        country: 'FR',
        coordinates: { latitude: 48.86, longitude: 2.35 },
        units: 'metric',
        temperature: 12.5,
        wind_speed: 13,
        humidity_percent: 69,
        sky: 'cloudy',
        forecast: [
          { days_ahead: 1, high: 14.7, low: 8.4 },
          { days_ahead: 2, high: 16, low: 9.5 },
          { days_ahead: 3, high: 13.3, low: 7 },
        ],
      });
    });

    it('is told in degrees Fahrenheit and miles an hour on demand', async () => {
      const { temperature, wind_speed: windSpeed } = (await get('/weather/paris?units=imperial')).json as {
        temperature: number;
        wind_speed: number;
      };
      assert.deepEqual([temperature, windSpeed], [54.5, 8.1]);
    });

    it('finds a city whatever the accents, the case and the gap', async () => {
      for (const name of ['S%C3%A3o%20Paulo', 'sao-paulo', 'SAO_PAULO']) {
        assert.equal(((await get(`/weather/${name}`)).json as { city: string }).city, 'São Paulo');
      }
    });

    it('lists a dozen cities, and knows each', async () => {
      const cities = (await get('/weather')).json as { city: string }[];
      assert.equal(cities.length, 12);
      for (const { city } of cities) assert.equal((await get(`/weather/${encodeURIComponent(city)}`)).status, 200);
    });

    it('is refused for other cities and units', async () => {
      const { status, json, contentType } = await get('/weather/atlantis');
      assert.equal(status, 404);
      assert.equal(contentType, 'application/problem+json');
      assert.equal(
        (json as { detail: string }).detail,
        'unknown city "atlantis": GET /weather lists the cities that are known',
      );
      assert.equal((await get('/weather/paris?units=kelvin')).status, 400);
      assert.equal((await get('/weather/%E0%A4%A')).status, 404);
    });
  });

  describe('shop', () => {
    interface Page {
      readonly total: number;
      readonly items: readonly { readonly id: string }[];
      readonly next_cursor?: string;
    }
    const ids = ({ items }: Page): string[] => items.map(({ id }) => id);

    it('tells a product with its nested parts', async () => {
      assert.deepEqual((await get('/products/p-002')).json, {
        id: 'p-002',
        name: 'Bread knife',
        category: 'kitchen',
        tags: ['steel'],
        dimensions: { width_mm: 35, height_mm: 330 },
        stock: [{ warehouse: 'north', quantity: 18 }],
        price: { amount: '24.50', currency: 'EUR' },
      });
      assert.equal((await get('/products/p-999')).status, 404);
    });

    it('pages through every product once', async () => {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = (await get(`/products?limit=5${cursor ? `&cursor=${cursor}` : ''}`)).json as Page;
        assert.equal(page.total, 12);
        seen.push(...ids(page));
        cursor = page.next_cursor;
      } while (cursor !== undefined);
      // prettier-ignore
      assert.deepEqual(seen, ['p-001', 'p-002', 'p-003', 'p-004', 'p-005', 'p-006', 'p-007', 'p-008', 'p-009', 'p-010', 'p-011', 'p-012']);
    });

    it('filters by category and by any of the tags', async () => {
      assert.deepEqual(ids((await get('/products?category=garden')).json as Page), [
        'p-005',
        'p-006',
        'p-009',
        'p-012',
      ]);
      assert.deepEqual(ids((await get('/products?category=office&tag=blue&tag=paper')).json as Page), [
        'p-004',
        'p-010',
      ]);
    });

    const wrongQueries = ['limit=0', 'limit=51', 'limit=five', 'cursor=garbage', 'category=toys', 'category='];
    for (const query of wrongQueries) {
      it(`refuses ${query}`, async () => {
        assert.equal((await get(`/products?${query}`)).status, 400);
      });
    }

    const order = {
      customer: { name: 'Ada Lovelace' },
      items: [
        { product_id: 'p-001', quantity: 2, engraving: { text: 'A. L.', lines: ['one', 'two'] } },
        { product_id: 'p-002', quantity: 1 },
      ],
    };

    it('takes an order and adds up its prices', async () => {
      const { status, json } = await post('/orders', order);
      assert.equal(status, 201);
      assert.deepEqual(json, {
        id: 'ord_a567e0d6bacc705b',
        status: 'accepted',
        customer: { name: 'Ada Lovelace' },
        items: [
          { product_id: 'p-001', name: 'Enamel mug', quantity: 2, amount: '18.00' },
          { product_id: 'p-002', name: 'Bread knife', quantity: 1, amount: '24.50' },
        ],
        total: { amount: '42.50', currency: 'EUR' },
      });
    });

    it('gives the same order the same id, and another order another', async () => {
      const id = async (body: unknown): Promise<string> => ((await post('/orders', body)).json as { id: string }).id;
      const reordered = { items: order.items, customer: order.customer };
      assert.equal(await id(reordered), await id(order));
      assert.notEqual(await id({ ...order, note: 'in blue, please' }), await id(order));
    });

    const wrongOrders: [string, unknown, number][] = [
      ['that is a list', [], 422],
      ['without a customer', { items: order.items }, 422],
      ['without items', { ...order, items: [] }, 422],
      ['of an unknown product', { ...order, items: [{ product_id: 'p-999', quantity: 1 }] }, 422],
      ['of half a product', { ...order, items: [{ product_id: 'p-001', quantity: 0.5 }] }, 422],
      ['of nothing', null, 422],
    ];
    for (const [name, body, want] of wrongOrders) {
      it(`refuses an order ${name}`, async () => {
        assert.equal((await post('/orders', body)).status, want);
      });
    }

    it('refuses an order that is no JSON, or of another type, or nested too deep', async () => {
      const send = async (type: string, body: string): Promise<number> =>
        (await documentedFetch(sandbox.url, '/orders', { method: 'POST', headers: { 'content-type': type }, body }))
          .status;
      assert.equal(await send('application/json', '{"customer":'), 400);
      assert.equal(await send('text/plain', JSON.stringify(order)), 415);
      assert.equal(await send('application/json', `${'['.repeat(400_000)}${']'.repeat(400_000)}`), 400);
    });
  });

  describe('currency conversion', () => {
    const cases: [string, string, object][] = [
      [
        'divides by the rate of the first currency',
        'from=USD&to=EUR&amount=12.5',
        { from: 'USD', to: 'EUR', amount: '12.500000', rate: '0.921659', result: '11.52' },
      ],
      [
        'crosses two currencies',
        'from=GBP&to=JPY&amount=1',
        { from: 'GBP', to: 'JPY', amount: '1.000000', rate: '192.307692', result: '192.31' },
      ],
      [
        'rounds half up',
        'from=EUR&to=EUR&amount=0.005',
        { from: 'EUR', to: 'EUR', amount: '0.005000', rate: '1.000000', result: '0.01' },
      ],
      [
        'takes nothing for nothing',
        'from=EUR&to=USD&amount=0',
        { from: 'EUR', to: 'USD', amount: '0.000000', rate: '1.085000', result: '0.00' },
      ],
    ];
    for (const [name, query, want] of cases) {
      it(name, async () => {
        assert.deepEqual((await get(`/convert?${query}`)).json, want);
      });
    }

    for (const query of [
      'from=USD&to=EUR',
      'from=XXX&to=EUR&amount=1',
      'to=EUR&amount=1',
      'from=USD&to=EUR&amount=-1',
      'from=USD&to=EUR&amount=1e9',
      'from=USD&to=EUR&amount=0.1234567',
    ]) {
      it(`refuses ${query}`, async () => {
        assert.equal((await get(`/convert?${query}`)).status, 400);
      });
    }
  });

  describe('texts', () => {
    it('are a quote as plain text', async () => {
      const { contentType, text } = await get('/quote?day=3');
      assert.equal(contentType, 'text/plain; charset=utf-8');
      assert.equal(text, 'Every retry is a question; an idempotency key is the answer.\n');
    });

    it('are a report as CSV, quoted where it must be', async () => {
      const { contentType, text } = await get('/report.csv');
      assert.equal(contentType, 'text/csv; charset=utf-8');
      const lines = text.split('\r\n');
      assert.equal(lines.length, 14);
      assert.equal(lines[0], 'id,name,category,price_eur,units');
      assert.equal(lines[4], 'p-004,"Notebook, dotted",office,6.50,898');
      assert.equal(lines[13], '');
    });

    it('are an invoice as XML', async () => {
      const { contentType, text } = await get('/invoices/INV-42');
      assert.equal(contentType, 'application/xml; charset=utf-8');
      assert.equal(
        text,
        `<?xml version="1.0" encoding="UTF-8"?>
<invoice number="INV-42" currency="EUR">
  <buyer>Larch &amp; Sons</buyer>
  <line product="p-007" quantity="7">Teapot</line>
  <total>224.00</total>
</invoice>
`,
      );
      assert.equal((await get('/invoices/42')).status, 404);
    });
  });

  describe('media', () => {
    const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

    it('are a PNG of 64 by 64 pixels in two colours', async () => {
      const { contentType, bytes } = await get('/logo.png');
      assert.equal(contentType, 'image/png');
      assert.equal(bytes.toString('latin1', 0, 8), '\x89PNG\r\n\x1a\n');
      assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [64, 64]);
      const start = bytes.indexOf('IDAT') + 4;
      const pixels = inflateSync(bytes.subarray(start, start + bytes.readUInt32BE(start - 8)));
      assert.equal(pixels.length, 64 * 9);
      assert.equal(sha256(bytes), '7431aa0419727b25532691cc040b2737929c4108d4bfe8307ee0784710f8ffa7');
    });

    it('are a PDF whose cross-references hold', async () => {
      const { contentType, text } = await get('/document.pdf');
      assert.equal(contentType, 'application/pdf');
      assert.ok(text.startsWith('%PDF-1.4\n') && text.endsWith('%%EOF\n'));
      const table = Number(/startxref\n(\d+)/.exec(text)?.[1]);
      assert.equal(text.slice(table, table + 4), 'xref');
      const offsets = [...text.slice(table).matchAll(/(\d{10}) 00000 n/g)].map((match) => Number(match[1]));
      assert.equal(offsets.length, 5);
      offsets.forEach((offset, index) => {
        assert.equal(text.slice(offset, offset + 7), `${index + 1} 0 obj`);
      });
    });

    it('are a WAV of the frequency and the length asked for', async () => {
      const { contentType, bytes } = await get('/tone.wav?frequency_hz=1000&duration_ms=10');
      assert.equal(contentType, 'audio/wav');
      assert.equal(bytes.toString('latin1', 0, 4), 'RIFF');
      assert.equal(bytes.length, 44 + 80);
      assert.deepEqual([...bytes.subarray(44, 54)], [192, 192, 192, 192, 64, 64, 64, 64, 192, 192]);
      assert.equal(
        sha256((await get('/tone.wav')).bytes),
        '078d2492ab5e5bbc7f734142618a1f1a063d5babe183089173c1b4b1336b0921',
      );
    });
  });

  describe('streams', () => {
    it('are server-sent events, as many as asked for', async () => {
      const { contentType, text } = await get('/ticks?count=2&interval_ms=0');
      assert.equal(contentType, 'text/event-stream; charset=utf-8');
      assert.equal(
        text,
        'event: tick\nid: 1\ndata: {"tick":1,"of":2}\n\nevent: tick\nid: 2\ndata: {"tick":2,"of":2}\n\n',
      );
      assert.equal((await get('/ticks?count=51')).status, 400);
      assert.equal((await get('/ticks?interval_ms=1001')).status, 400);
    });

    it('are events that arrive before the stream has ended', async () => {
      const stop = new AbortController();
      const response = await fetch(`${sandbox.url}/ticks?count=50&interval_ms=1000`, { signal: stop.signal });
      const first = await response.body?.getReader().read();
      assert.equal(Buffer.from(first?.value ?? []).toString(), 'event: tick\nid: 1\ndata: {"tick":1,"of":50}\n\n');
      stop.abort();
    });

    it('are lines of JSON, as many as asked for', async () => {
      const { contentType, text } = await get('/records?count=3');
      assert.equal(contentType, 'application/x-ndjson');
      assert.equal(
        text,
        '{"record":1,"product_id":"p-001","units":7}\n{"record":2,"product_id":"p-002","units":1}\n{"record":3,"product_id":"p-003","units":8}\n',
      );
    });
  });

  describe('chat', () => {
    it('repeats the last message of the user and counts four bytes a token', async () => {
      const { json } = await post('/chat/completions', {
        model: 'sandbox-parrot',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hello there' },
        ],
      });
      assert.deepEqual(json, {
        id: 'chatcmpl-492bee4b34aa3a0289b4a21d',
        object: 'chat.completion',
        created: 1735689600,
        model: 'sandbox-parrot',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'You said: Hello there' }, finish_reason: 'stop' },
        ],
        usage: { prompt_tokens: 6, completion_tokens: 6, total_tokens: 12 },
      });
    });

    it('stops at max_tokens, never in the middle of a character', async () => {
      const { json } = await post('/chat/completions', {
        model: 'sandbox-parrot',
        max_tokens: 3,
        messages: [{ role: 'user', content: 'é€😀' }],
      });
      const { choices, usage } = json as { choices: [{ message: { content: string } }]; usage: object };
      // Twelve bytes: "You said: " has ten, é two.
      assert.equal(choices[0].message.content, 'You said: é');
      assert.deepEqual(usage, { prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 });
      assert.equal((choices[0] as unknown as { finish_reason: string }).finish_reason, 'length');
    });

    const wrong: [string, object, number][] = [
      ['an unknown model', { model: 'oracle', messages: [{ role: 'user', content: 'x' }] }, 404],
      ['no messages', { model: 'sandbox-parrot', messages: [] }, 400],
      ['an unknown role', { model: 'sandbox-parrot', messages: [{ role: 'king', content: 'x' }] }, 400],
      ['no room', { model: 'sandbox-parrot', max_tokens: 0, messages: [{ role: 'user', content: 'x' }] }, 400],
    ];
    for (const [name, body, want] of wrong) {
      it(`refuses ${name}`, async () => {
        assert.equal((await post('/chat/completions', body)).status, want);
      });
    }
  });
});
