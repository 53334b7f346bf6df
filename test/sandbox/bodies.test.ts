import assert from 'node:assert/strict';
import { startSandbox, type Sandbox } from '../../runtime/sandbox/start-sandbox.js';
import { documentedFetch, type Answer } from './documented-fetch.js';

/** SHA-256 of "hello". */
const HELLO = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

describe('sandbox bodies', () => {
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await startSandbox({ port: 0, key: 'bodies-test-key' });
  });
  after(() => sandbox.close());

  const send = (method: string, target: string, type: string, body: string | Buffer): Promise<Answer> =>
    documentedFetch(sandbox.url, target, { method, headers: { 'content-type': type }, body });

  it('answers a form with its raw text and its fields in order', async () => {
    const raw = 'name=Ada+Lovelace&colours=blue&colours=green&sizes=1%2C2&address%5Bcity%5D=London';
    assert.deepEqual((await send('POST', '/forms/urlencoded', 'application/x-www-form-urlencoded', raw)).json, {
      content_type: 'application/x-www-form-urlencoded',
      raw,
      fields: [
        { name: 'name', value: 'Ada Lovelace' },
        { name: 'colours', value: 'blue' },
        { name: 'colours', value: 'green' },
        { name: 'sizes', value: '1,2' },
        { name: 'address[city]', value: 'London' },
      ],
    });
    assert.equal((await send('POST', '/forms/urlencoded', 'application/json', '{}')).status, 415);
  });

  describe('multipart', () => {
    const multipart = (type: string, body: string | Buffer): Promise<Answer> =>
      send('POST', '/forms/multipart', type, body);

    it('is answered part by part, bytes told by their digest', async () => {
      const form = new FormData();
      form.append('title', 'hello');
      form.append('file', new Blob([Buffer.from([0, 13, 10, 45, 45, 255])], { type: 'image/png' }), 'dot "1".png');
      const answer = await documentedFetch(sandbox.url, '/forms/multipart', { method: 'POST', body: form });
      assert.deepEqual((answer.json as { parts: unknown }).parts, [
        { name: 'title', size: 5, sha256: HELLO, text: 'hello' },
        {
          name: 'file',
          filename: 'dot %221%22.png',
          content_type: 'image/png',
          size: 6,
          sha256: '4b0479b218deb1c95515883a5f8dd934bfb69ec3576cb54b7412070e14d97824',
        },
      ]);
    });

    it('may have a preamble, an epilogue and a quoted boundary', async () => {
      const body = [
        'ignore me',
        '--a b',
        'Content-Type: application/json; charset=utf-8',
        'content-disposition: form-data; name="details"',
        '',
        '{"a":1}',
        '--a b--',
        'ignore me too',
      ].join('\r\n');
      const { json } = await multipart('multipart/form-data; boundary="a b"', body);
      assert.deepEqual((json as { parts: unknown }).parts, [
        {
          name: 'details',
          content_type: 'application/json; charset=utf-8',
          size: 7,
          sha256: '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862',
          text: '{"a":1}',
        },
      ]);
    });

    const broken: [string, string, string][] = [
      ['without a boundary in its type', 'multipart/form-data', '--x--\r\n'],
      ['whose boundary does not occur', 'multipart/form-data; boundary=x', 'hello'],
      [
        'that never closes',
        'multipart/form-data; boundary=x',
        '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb',
      ],
      ['with a part that has no name', 'multipart/form-data; boundary=x', '--x\r\nA: b\r\n\r\nb\r\n--x--\r\n'],
      ['with a part that has no empty line', 'multipart/form-data; boundary=x', '--x\r\nA: b\r\n--x--\r\n'],
      ['with a boundary that runs on', 'multipart/form-data; boundary=x', '--xy\r\nA: b\r\n\r\nb\r\n--x--\r\n'],
    ];
    for (const [name, type, body] of broken) {
      it(`is refused ${name}`, async () => {
        assert.equal((await multipart(type, body)).status, 400);
      });
    }
  });

  it('keeps the bytes of a blob and gives them back', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const { json } = await send('PUT', '/blobs/all.bin', 'application/octet-stream', bytes);
    assert.deepEqual(json, {
      name: 'all.bin',
      content_type: 'application/octet-stream',
      size: 256,
      sha256: '40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880',
    });
    const blob = await documentedFetch(sandbox.url, '/blobs/all.bin');
    assert.equal(blob.contentType, 'application/octet-stream');
    assert.deepEqual(blob.bytes, bytes);
  });

  it('keeps an empty blob', async () => {
    assert.equal((await send('PUT', '/blobs/empty', 'application/octet-stream', '')).status, 200);
    assert.equal((await documentedFetch(sandbox.url, '/blobs/empty')).bytes.length, 0);
  });

  it('forgets the blob that was used longest ago when there are more than 32', async () => {
    for (let blob = 0; blob <= 32; blob++) await send('PUT', `/blobs/n${blob}`, 'application/octet-stream', 'x');
    assert.equal((await documentedFetch(sandbox.url, '/blobs/n0')).status, 404);
    assert.equal((await documentedFetch(sandbox.url, '/blobs/n1')).status, 200);
  });

  it('refuses a blob with a name that is none, or of another type', async () => {
    assert.equal((await send('PUT', '/blobs/a%2Fb', 'application/octet-stream', 'x')).status, 400);
    assert.equal((await send('PUT', '/blobs/a', 'text/plain', 'x')).status, 415);
  });

  it('takes a body of a million bytes and refuses one more', async () => {
    const put = async (size: number): Promise<number> =>
      (await send('PUT', '/blobs/big', 'application/octet-stream', Buffer.alloc(size))).status;
    assert.equal(await put(1_000_000), 200);
    assert.equal(await put(1_000_001), 413);
    assert.equal(await put(5_000_000), 413);
    assert.equal((await documentedFetch(sandbox.url, '/blobs/big')).bytes.length, 1_000_000);
  });

  describe('merge patch', () => {
    const patch = (id: string, body: string, type = 'application/merge-patch+json'): Promise<Answer> =>
      send('PATCH', `/documents/${id}`, type, body);

    it('changes what it names, removes what is null and keeps the rest', async () => {
      const want = { id: 'letter', content: { title: 'Hello', author: { name: 'Nobody' }, tags: ['sent'], pages: 2 } };
      const { json } = await patch('letter', '{"title":"Hello","author":{"email":null},"tags":["sent"],"pages":2}');
      assert.deepEqual(json, want);
      assert.deepEqual((await documentedFetch(sandbox.url, '/documents/letter')).json, want);
    });

    it('leaves other documents as they were', async () => {
      assert.deepEqual((await documentedFetch(sandbox.url, '/documents/other')).json, {
        id: 'other',
        content: { title: 'Untitled', author: { name: 'Nobody', email: 'nobody@example.com' }, tags: ['draft'] },
      });
    });

    it('takes __proto__ for a name like any other', async () => {
      const { text } = await patch('odd', '{"__proto__":{"polluted":true}}');
      assert.match(text, /"__proto__":\{"polluted":true\}/);
      assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    });

    it('is refused when it is no object, no JSON or of another type', async () => {
      assert.equal((await patch('a', '[]')).status, 422);
      assert.equal((await patch('a', '{')).status, 400);
      assert.equal((await patch('a', '{}', 'application/json')).status, 415);
    });
  });

  it('answers text with its length in bytes', async () => {
    const { json } = await send('POST', '/text', 'text/plain; charset=utf-8', 'hello');
    assert.deepEqual(json, { content_type: 'text/plain; charset=utf-8', size: 5, sha256: HELLO, text: 'hello' });
    assert.equal((await send('POST', '/text', 'application/json', '"hello"')).status, 415);
  });

  it('answers XML with the name of its root', async () => {
    const text = '<?xml version="1.0"?><a:greeting xmlns:a="urn:a">Good morning</a:greeting>';
    const { json } = await send('POST', '/xml', 'application/xml', text);
    const { root, text: back } = json as { root: string; text: string };
    assert.deepEqual([root, back], ['a:greeting', text]);
    assert.equal((await send('POST', '/xml', 'application/xml', 'no element')).status, 422);
  });
});
