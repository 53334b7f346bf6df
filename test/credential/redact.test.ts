import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redactBytes, redactHeaders, redactText } from '../../runtime/credential/redact.js';
import { Secret } from '../../runtime/credential/secret.js';

const KEY = 'sk/live+7"é& x';
const secrets = [new Secret(KEY)];

describe('redaction', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['as it is', 'sk/live+7"é& x'],
    ['base64', 'c2svbGl2ZSs3IsOpJiB4'],
    ['base64url', Buffer.from(KEY).toString('base64url')],
    ['JSON', 'sk/live+7\\"é& x'],
    ['JSON with escaped slashes', 'sk\\/live+7\\"é& x'],
    ['JSON in ASCII', 'sk/live+7\\"\\u00e9& x'],
    ['a URL component', 'sk%2Flive%2B7%22%C3%A9%26%20x'],
    ['a URL component in lower case', 'sk%2flive%2b7%22%c3%a9%26%20x'],
    ['a form', 'sk%2Flive%2B7%22%C3%A9%26+x'],
    ['a form in lower case', 'sk%2flive%2b7%22%c3%a9%26+x'],
    ['HTML', 'sk/live+7&quot;é&amp; x'],
    ['HTML with decimal entities', 'sk&#47;live&#43;7&#34;&#233;&#38;&#32;x'],
    ['HTML with every character as an entity', [...KEY].map((c) => `&#${c.charCodeAt(0)};`).join('')],
    ['HTML with hex entities, padded', 'sk&#x2F;live&#x002b;7&#X22;&#xe9;&#x26; x'],
    ['HTML with entities that do not end', 'sk&#47live&#43;7&#34é&#38 x'],
    ['HTML with named entities', 'sk&sol;live&plus;7&quot;é&amp; x'],
    ['HTML within HTML', 'sk&amp;#47;live+7&amp;quot;é&amp;amp; x'],
    ['a URL component within a URL', 'sk%252Flive%252B7%2522%25C3%25A9%2526%2520x'],
    ['a URL component with only some characters encoded', 'sk/live%2B7"%C3%A9& x'],
    ['a URL component with letters encoded too', '%73%6B/%6Cive+7"é&%20x'],
    ['JSON in ASCII within JSON', String.raw`sk/live\\u002b7\\u0022\\u00E9\\u0026 x`],
    ["a program's string", String.raw`sk\x2flive\u{2b}7\"\xE9& x`],
    ['base64 within a URL', '%632svbGl2ZSs3IsOpJiB4'],
    ['hex', '736b2f6c6976652b3722c3a9262078'],
    ['hex in upper case', '736B2F6C6976652B3722C3A9262078'],
  ];
  for (const [name, form] of forms) {
    it(`finds a secret ${name}`, () => {
      assert.deepEqual(redactText(`<${form}>, again <${form}>`, secrets), {
        value: '<[redacted]>, again <[redacted]>',
        redactions: 2,
      });
    });
  }

  it('finds a secret that has what looks like an escape in it, itself escaped or not', () => {
    const odd = [new Secret('a%41&amp;b\\u0041')];
    for (const form of ['a%41&amp;b\\u0041', 'a%2541%26amp%3Bb%5Cu0041', 'a%41&amp;amp;b\\u0041']) {
      assert.deepEqual(redactText(`<${form}>`, odd), { value: '<[redacted]>', redactions: 1 }, form);
    }
  });

  it('finds a secret with characters beyond the first plane as JSON has them in ASCII', () => {
    assert.equal(redactText('"p\\uD83D\\uDE00ssword"', [new Secret('p\u{1f600}ssword')]).value, '"[redacted]"');
  });

  const BACKSLASHES: readonly (readonly [count: number, want: string])[] = [
    [1, '"[redacted]"'],
    [2, '"[redacted]"'],
    [3, '"\\\\[redacted]"'],
    [9, `"${'\\'.repeat(8)}[redacted]"`],
    [11, `"${'\\'.repeat(10)}[redacted]"`],
  ];
  for (const [count, want] of BACKSLASHES) {
    it(`leaves the escaped backslashes before an escaped secret: of ${count} in a row`, () => {
      const text = `"${'\\'.repeat(count)}u0073ecret-7"`;
      assert.equal(redactText(text, [new Secret('secret-7')]).value, want);
    });
  }

  it('takes the escape of the backslash that a secret begins with', () => {
    const odd = [new Secret('\\secret&7')];
    assert.equal(redactText('"\\secret&amp;7"', odd).value, '"[redacted]"');
    assert.equal(redactText('"\\\\secret&amp;7"', odd).value, '"[redacted]"');
    assert.equal(redactText('"\\\\\\secret&amp;7"', odd).value, '"\\\\[redacted]"');
  });

  it('leaves escapes alone that spell no secret', () => {
    const text = '50%25 of &#8364;9 \\u0041 &unknown; &#99999999; &#x110000; %zz';
    assert.deepEqual(redactText(text, secrets), { value: text, redactions: 0 });
    const newline = 'a\\n0073ecret-7';
    assert.equal(redactText(newline, [new Secret('secret-7')]).value, newline);
  });

  it('finds a secret behind what only begins as an escape does', () => {
    for (const begun of ['\\x', '\\u', '\\u{', '%', '&', '&#', '&#x', '%4', '\\x4', '\\u004', '&#x4g', '&am']) {
      const text = `<${begun}secr%65t-7>`;
      assert.equal(redactText(text, [new Secret('secret-7')]).value, `<${begun}[redacted]>`, begun);
    }
  });

  it('finds padded base64, with its padding and without', () => {
    const padded = [new Secret('secret-7')];
    assert.equal(redactText('a c2VjcmV0LTc= b c2VjcmV0LTc b', padded).value, 'a [redacted] b [redacted] b');
  });

  it('finds a secret inside of a longer base64 text, at any alignment', () => {
    for (const lead of ['', 'u', 'us', 'user:']) {
      const encoded = Buffer.from(`${lead}correct-horse-battery tail`).toString('base64');
      const { value, redactions } = redactText(encoded, [new Secret('correct-horse-battery')]);
      assert.equal(redactions, 1, lead);
      assert.ok(!Buffer.from(value.replace('[redacted]', ''), 'base64').includes('horse'));
    }
  });

  it('finds a secret in UTF-16, in either order', () => {
    const body = Buffer.from(`{"key":"${KEY}"}`, 'utf16le');
    assert.equal(redactBytes(body, secrets).redactions, 1);
    assert.equal(redactBytes(Buffer.from(body).swap16(), secrets).redactions, 1);
    // Alone: beside other text the one order looks like the other, a byte further.
    const alone = Buffer.from(KEY, 'utf16le');
    assert.equal(redactBytes(alone, secrets).redactions, 1);
    assert.equal(redactBytes(Buffer.from(alone).swap16(), secrets).redactions, 1);
  });

  it('leaves every other byte as it was', () => {
    const body = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from(KEY), Buffer.from([254, 0])]);
    assert.deepEqual(
      redactBytes(body, secrets).body,
      Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from('[redacted]'), Buffer.from([254, 0])]),
    );
  });

  it('gives back the very body that has no secret in it', () => {
    const body = Buffer.from('{"ok":true}');
    const redacted = redactBytes(body, secrets);
    assert.equal(redacted.body, body);
    assert.equal(redacted.redactions, 0);
  });

  it('counts overlapping forms as one, and leaves nothing of the longer one', () => {
    const overlapping = [new Secret('abcdef'), new Secret('abcdefghij'), new Secret('ghijklmno')];
    assert.deepEqual(redactText('<abcdefghijklmno>', overlapping), { value: '<[redacted]>', redactions: 1 });
  });

  it('takes a short secret out only where it stands alone', () => {
    const short = [new Secret('abc1')];
    assert.equal(redactText('key=abc1, "abc1"', short).value, 'key=[redacted], "[redacted]"');
    assert.equal(redactText('xabc1 abc12 abc1-d', short).redactions, 0);
    assert.equal(redactText('abc1', short).value, '[redacted]');
  });

  it('never looks for an empty secret', () => {
    assert.deepEqual(redactText('text', [new Secret('')]), { value: 'text', redactions: 0 });
  });

  it("redacts headers' values", () => {
    const headers = { 'x-echo': `key ${KEY}`, etag: '"1"' };
    assert.deepEqual(redactHeaders(headers, secrets), {
      value: { 'x-echo': 'key [redacted]', etag: '"1"' },
      redactions: 1,
    });
    const clean = { etag: '"1"' };
    assert.equal(redactHeaders(clean, secrets).value, clean);
  });

  it('finds any secret of six characters or more, wherever it stands', () => {
    const secret = fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme' });
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        const { value: redacted, redactions } = redactText(before + value + after, [new Secret(value)]);
        assert.ok(redactions > 0);
        assert.ok(!redacted.replaceAll('[redacted]', '\u0000').includes(value));
      }),
    );
  });
});
