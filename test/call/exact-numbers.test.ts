import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';

import { startProvider, type Provider } from './a-provider.js';

const PATHS = `
  /things/{id}:
    post:
      operationId: post
      parameters:
        - { name: id, in: path, required: true, schema: { type: integer, format: int64 } }
        - { name: after, in: query, schema: { type: array, items: { type: integer } } }
        - { name: x-trace, in: header, schema: { type: number } }
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: { id: { type: integer }, name: { type: string }, any: { }, ids: { type: array, items: { type: integer } } }
  /form:
    post:
      operationId: form
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: { type: object, properties: { id: { type: integer }, filter: { type: object } } }
  /thing:
    get: { operationId: get, parameters: [{ name: limit, in: query, schema: { type: integer, maximum: 100 } }] }
`;

interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('numbers that JavaScript does not hold', () => {
  let provider: Provider;
  let apiKey: string;
  let seen: Seen[];

  before(async () => {
    provider = await startProvider(PATHS);
    ({ apiKey } = await provider.gateway.account('1'));
  });
  after(() => provider.close());
  beforeEach(() => answer('{}'));

  function answer(json: string, status = 200): void {
    seen = [];
    provider.answer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        seen.push({ url: request.url!, headers: request.headers, body });
        response.writeHead(status, { 'content-type': 'application/json' }).end(json);
      });
    });
  }

  /** The answer's text. */
  async function post(path: string, body: string): Promise<string> {
    const headers = {
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    };
    const response = await fetch(`${provider.gateway.url}${path}`, { method: 'POST', headers, body });
    return response.text();
  }
  async function get(path: string): Promise<string> {
    const headers = { authorization: `Bearer ${apiKey}` };
    return (await fetch(`${provider.gateway.url}${path}`, { headers })).text();
  }
  const message = (tool: string, args: string, more = ''): string =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${tool}","arguments":${args}${more}}}`;
  const callOf = (operation: string, args: string): string =>
    `{"endpoint":"acme/${operation}","arguments":${args},"fresh":true}`;

  /** How a call of these arguments is made on each face. */
  const FACES: readonly (readonly [name: string, call: (operation: string, args: string) => Promise<string>])[] = [
    ['plain HTTP', (operation, args) => post(`/v1/call/acme/${operation}?fresh=true`, args)],
    ['MCP', (operation, args) => post('/mcp', message('call_api', callOf(operation, args)))],
    [
      'MCP through its protocol layer',
      (operation, args) => post('/mcp', message('call_api', callOf(operation, args), ',"_meta":{}')),
    ],
    ['a batch', (operation, args) => post('/mcp', `[${message('call_api', callOf(operation, args))}]`)],
  ];

  for (const [face, call] of FACES) {
    describe(`by ${face}`, () => {
      it('are sent as the caller wrote them, in a path, a query, a header and a body', async () => {
        const body = '{"id":9223372036854775807,"ids":[1,9007199254740995],"any":{"n":0.1234567890123456789,"m":1.10}}';
        const args = `{"id":9007199254740993,"after":[9007199254740993,2],"x-trace":1.00000000000000000001,"body":${body}}`;
        await call('post', args);
        assert.equal(seen.length, 1);
        assert.equal(seen[0]!.url, '/things/9007199254740993?after=9007199254740993&after=2');
        assert.equal(seen[0]!.headers['x-trace'], '1.00000000000000000001');
        assert.equal(
          seen[0]!.body,
          '{"any":{"m":1.1,"n":0.1234567890123456789},"id":9223372036854775807,"ids":[1,9007199254740995]}',
        );
      });

      it('are sent in a form', async () => {
        await call('form', '{"body":{"id":9007199254740993,"filter":{"id":9007199254740995}}}');
        assert.equal(seen[0]!.body, 'id=9007199254740993&filter=%7B%22id%22%3A9007199254740995%7D');
      });

      it('may be written as a text of their digits, where the schema takes an integer and no text', async () => {
        await call('post', '{"id":"9007199254740993","body":{"id":"9007199254740993","name":"9007199254740993"}}');
        assert.equal(seen[0]!.url, '/things/9007199254740993');
        assert.equal(seen[0]!.body, '{"id":9007199254740993,"name":"9007199254740993"}');
      });

      it('reach the caller as the upstream wrote them', async () => {
        answer('{"id":9007199254740993,"list":[9007199254740992,0.12345678901234567890]}');
        const told = await call('get', '{}');
        assert.match(told, /"body":\{"id":9007199254740993,"list":\[9007199254740992,0\.12345678901234567890\]\}/);
        if (face !== 'plain HTTP') {
          assert.ok(told.includes('\\"body\\":{\\"id\\":9007199254740993,'), 'the text is the same');
        }
        assert.match(told, /integers that JavaScript rounds: \/id is 9007199254740993; get_usage with this request_id/);
      });

      it('reach the caller in the body of an error, also again', async () => {
        answer('{"error":{"id":9007199254740993}}', 404);
        const told = await call('get', '{}');
        assert.match(told, /"body":\{"error":\{"id":9007199254740993\}\}/);
        const requestId = /"request_id":"([^"]+)"/.exec(told)![1]!;
        assert.match(await get(`/v1/usage?request_id=${requestId}`), /"body":\{"error":\{"id":9007199254740993\}\}/);
      });

      for (const [name, args, fault] of [
        ['a limit of the schema', '{"limit":9007199254740993}', '/limit must be <= 100, but is 9007199254740993'],
        ['a text that is no integer', '{"limit":"90071992547409x3"}', '/limit must be integer'],
        ['more than a double can reach', '{"limit":1e400}', 'a number beyond 1.8e308'],
        ['less than a double can reach', '{"limit":1e-400}', 'a number nearer to zero than 5e-324'],
      ] as const) {
        it(`are refused before anything is held: ${name}`, async () => {
          const told = await call('get', args);
          assert.match(told, /"code":"INVALID_ARGUMENTS"/);
          assert.ok(told.includes(fault), told);
          assert.match(told, /"charged":"0.000000"/);
          assert.deepEqual(seen, []);
        });
      }
    });
  }

  it('are other arguments than their neighbours under an idempotency key, and the same in another spelling', async () => {
    const call = (id: string): Promise<string> => post('/v1/call/acme/post?idempotency_key=k', `{"id":${id}}`);
    assert.match(await call('9007199254740993'), /"replayed":false/);
    assert.match(await call('9007199254740993.0'), /"replayed":true/);
    assert.match(await call('9007199254740992'), /"code":"IDEMPOTENCY_KEY_REUSED"/);
    assert.equal(seen.length, 1);
  });

  it('are quoted and then called', async () => {
    const args = '{"id":9007199254740993}';
    const quoted = await post('/v1/quotes', `{"endpoint":"acme/post","arguments":${args}}`);
    const quoteId = /"quote_id":"([^"]+)"/.exec(quoted)![1]!;
    assert.match(await post(`/v1/call/acme/post?quote_id=${quoteId}&fresh=true`, args), /"charged":"0.001000"/);
    assert.match(
      await post(`/v1/call/acme/post?quote_id=${quoteId}&fresh=true`, '{"id":9007199254740992}'),
      /"code":"QUOTE_/,
    );
  });

  describe('in an answer', () => {
    const IDS = '{"items":[{"id":9007199254740993,"on":true},{"id":9007199254740992,"on":false}]}';
    const selected = async (select: string): Promise<string> => {
      answer(IDS);
      return post(`/v1/call/acme/get?fresh=true&select=${encodeURIComponent(select)}`, '{}');
    };

    for (const [select, body] of [
      ['items[0]', '{"id":9007199254740993,"on":true}'],
      ['items[].id', '[9007199254740993,9007199254740992]'],
      ['items[?on].{n: id}', '[{"n":9007199254740993}]'],
      ['items[?id > `1`].id | [0]', '9007199254740993'],
      ['items[*].id.digits', '[]'],
    ] as const) {
      it(`are what select takes: ${select}`, async () => {
        assert.ok((await selected(select)).includes(`"body":${body},`));
      });
    }

    it('are told of where a function was given doubles', async () => {
      const told = await selected('to_string(items[0].id)');
      assert.ok(told.includes('"body":"9007199254740992"'));
      assert.match(told, /select may have rounded them: get_usage with this request_id and range/);
    });

    it('are stored, and come again whole, by select and by range', async () => {
      answer(IDS);
      const requestId = /"request_id":"([^"]+)"/.exec(await post('/v1/call/acme/get?fresh=true', '{}'))![1]!;
      const again = (more: string): Promise<string> => get(`/v1/usage?request_id=${requestId}${more}`);
      assert.ok((await again('')).includes(`"body":${IDS},`));
      assert.ok((await again('&select=items[1:].id')).includes('"body":[9007199254740992],'));
      assert.ok((await again('&range=0-65535')).includes(`"body":${JSON.stringify(IDS)},`));
    });

    it('stand in a preview', async () => {
      answer(`[${Array.from({ length: 5_000 }, () => '9007199254740993').join(',')}]`);
      const told = await post('/mcp', message('call_api', callOf('get', '{}')));
      assert.match(told, /"body":\[9007199254740993,9007199254740993,/);
      assert.match(told, /"body_preview":true/);
      assert.match(told, /\/9 is 9007199254740993, and 4990 more; /);
    });

    it('leave no mark of how they are kept', async () => {
      answer(IDS);
      assert.doesNotMatch(await post('/mcp', message('call_api', callOf('get', '{}'))), /exact-/);
    });
  });
});
