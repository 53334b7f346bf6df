import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';

import { readAwsKeys, scopeOfHost, type AwsKeys } from '../../runtime/credential/aws-scope.js';
import { signForAws } from '../../runtime/credential/aws-signature.js';
import { Secret } from '../../runtime/credential/secret.js';
import { createSender } from '../../runtime/upstream/send.js';
import type { UpstreamRequest } from '../../runtime/upstream/upstream-request.js';
import { upstreamServer } from '../upstream/upstream-server.js';

/** Of AWS's published suite of signatures: the keys, the time and the scope that all of its requests have. */
const KEYS: AwsKeys = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: new Secret('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'),
};
const SCOPE = { region: 'us-east-1', service: 'service' };
const TIME = Date.UTC(2015, 7, 30, 12, 36, 0);

function request(
  method: string,
  target: string,
  headers: UpstreamRequest['headers'] = [],
  body?: string,
): UpstreamRequest {
  const url = new URL(`https://example.amazonaws.com${target}`);
  return { method, url, headers, origin: url.origin, ...(body === undefined ? {} : { body: Buffer.from(body) }) };
}

function headerOf({ headers }: UpstreamRequest, name: string): string | undefined {
  return headers.find(([other]) => other === name)?.[1];
}

describe('an AWS signature', () => {
  const form = [['content-type', 'application/x-www-form-urlencoded']] as const;
  const SUITE: readonly (readonly [name: string, given: UpstreamRequest, signed: string, signature: string])[] = [
    [
      'get-vanilla',
      request('GET', '/'),
      'host;x-amz-date',
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'get-vanilla-query-order-key-case',
      request('GET', '/?Param2=value2&Param1=value1'),
      'host;x-amz-date',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'get-vanilla-empty-query-key',
      request('GET', '/?Param1=value1'),
      'host;x-amz-date',
      'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
    ],
    [
      'get-vanilla-utf8-query',
      request('GET', '/?%E1%88%B4=bar'),
      'host;x-amz-date',
      '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
    ],
    [
      'post-vanilla',
      request('POST', '/'),
      'host;x-amz-date',
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'post-header-key-sort',
      request('POST', '/', [['my-header1', 'value1']]),
      'host;my-header1;x-amz-date',
      'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
    ],
    [
      'post-x-www-form-urlencoded',
      request('POST', '/', form, 'Param1=value1'),
      'content-type;host;x-amz-date',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ];
  for (const [name, given, signed, signature] of SUITE) {
    it(`is that of the published suite: ${name}`, async () => {
      const { request: sent, secrets } = await signForAws(given, KEYS, SCOPE, TIME);
      assert.equal(
        headerOf(sent, 'authorization'),
        `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
      );
      assert.equal(headerOf(sent, 'x-amz-date'), '20150830T123600Z');
      assert.deepEqual(
        secrets.map((secret) => secret.reveal()),
        [signature],
      );
    });
  }

  it('covers the token of temporary keys', async () => {
    const keys = { ...KEYS, sessionToken: new Secret('session/token==') };
    const { request: sent } = await signForAws(request('GET', '/'), keys, SCOPE, TIME);
    assert.equal(headerOf(sent, 'x-amz-security-token'), 'session/token==');
    assert.match(headerOf(sent, 'authorization')!, /SignedHeaders=host;x-amz-date;x-amz-security-token,/);
  });

  it('is not made of what a request says that it is made of', async () => {
    const forged = request('POST', '/', [
      ['x-amz-content-sha256', 'UNSIGNED-PAYLOAD'],
      ['X-Amz-Date', '20000101T000000Z'],
      ['authorization', 'Bearer other'],
    ]);
    const [ours, theirs] = await Promise.all(
      [request('POST', '/'), forged].map((each) => signForAws(each, KEYS, SCOPE, TIME)),
    );
    assert.deepEqual(theirs!.request.headers, ours!.request.headers);
  });

  it('names its payload for S3, whose paths are signed as they are', async () => {
    const { request: sent } = await signForAws(
      request('GET', '/a%20b'),
      KEYS,
      { region: 'us-east-1', service: 's3' },
      TIME,
    );
    assert.equal(
      headerOf(sent, 'x-amz-content-sha256'),
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });
});

describe('a signed request, as a server reads it', () => {
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

  /** From the bytes alone, by the steps of the IAM User Guide. */
  function expectedSignature(
    method: string,
    target: string,
    headers: Record<string, string>,
    body: Buffer,
    isS3: boolean,
  ) {
    const [, scope = '', names = ''] = /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+)/.exec(
      headers['authorization']!,
    )!;
    const [path = '', search = ''] = target.split('?');
    const fields = search.split('&').filter((field) => field !== '');
    const canonical = [
      method,
      isS3 ? path : path.split('/').map(encode).join('/'),
      fields
        .map((field) => field.split('=').map((part) => encode(decodeURIComponent(part))))
        .map(([name, value]) => `${name}=${value ?? ''}`)
        .sort()
        .join('&'),
      ...names
        .split(';')
        .map((name) => `${name}:${Buffer.from(headers[name]!, 'latin1').toString().replace(/ +/g, ' ')}`),
      '',
      names,
      sha256(body),
    ].join('\n');
    const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
    const key = scope.split('/').reduce<Buffer | string>(hmac, `AWS4${KEYS.secretAccessKey.reveal()}`);
    return createHmac('sha256', key).update(text).digest('hex');
  }

  const REQUESTS: readonly (readonly [
    name: string,
    method: string,
    target: string,
    body?: string,
    service?: string,
  ])[] = [
    ['a body', 'POST', '/things', '{"a":"é"}'],
    ['a path with encoded characters', 'GET', '/a%20b/%C3%A9%2Fc%2B/~d'],
    ['a query of several fields of one name', 'GET', '/?b=2&a=z&a=y&A=1&empty='],
    ['a query with a field that has no value', 'GET', '/?acl&a=1'],
    ['a query with odd characters', 'GET', "/?q=a%20b+c'(d)*%26%3D&%C3%A9=%E2%82%AC"],
    ['a query with what is no encoding', 'GET', '/?q=100%&r=%zz'],
    ['S3', 'PUT', '/bucket/a%20b%2Bc', 'bytes', 's3'],
  ];
  for (const [name, method, target, body, service = 'execute-api'] of REQUESTS) {
    it(`has the signature that its bytes ask for: ${name}`, async () => {
      let seen: { expected: string; authorization: string } | undefined;
      const server = await upstreamServer((incoming, response) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const headers = incoming.headers as Record<string, string>;
          const bytes = Buffer.concat(chunks);
          const expected = expectedSignature(incoming.method!, incoming.url!, headers, bytes, service === 's3');
          seen = { expected, authorization: headers['authorization']! };
          response.end('{}');
        });
      });
      const clock = { nowMs: Date.now, randomBytes: () => new Uint8Array() };
      const sender = createSender({ allowPrivate: () => true, clock });
      try {
        const url = new URL(server.origin + target);
        const headers = [
          ['x-title', Buffer.from('gr\u00fc\u00dfe  all').toString('latin1')],
          ['user-agent', 'test'],
        ] as const;
        const unsigned = {
          method,
          url,
          headers,
          origin: url.origin,
          ...(body === undefined ? {} : { body: Buffer.from(body) }),
        };
        const signed = await signForAws(unsigned, KEYS, { region: 'eu-west-1', service }, Date.now());
        await sender.send(signed.request, {
          provider: 'p',
          limits: { timeoutMs: 5_000, maxResponseBytes: 1_000, concurrency: 1 },
        });
      } finally {
        await sender.close();
        await server.close();
      }
      assert.ok(seen!.authorization.endsWith(`Signature=${seen!.expected}`), seen!.authorization);
    });
  }
});

describe('the scope of a signature', () => {
  const HOSTS: readonly (readonly [host: string, region: string | undefined, service: string | undefined])[] = [
    ['acm.eu-west-1.amazonaws.com', 'eu-west-1', 'acm'],
    ['acm.{region}.amazonaws.com', undefined, 'acm'],
    ['api.ecr.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'ecr'],
    ['abc123.execute-api.ap-southeast-2.amazonaws.com', 'ap-southeast-2', 'execute-api'],
    ['iam.amazonaws.com', 'us-east-1', 'iam'],
    ['iam.amazonaws.com.cn', 'cn-north-1', 'iam'],
    ['dynamodb.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1', 'dynamodb'],
    ['s3.amazonaws.com', 'us-east-1', 's3'],
    ['s3-us-west-2.amazonaws.com', 'us-west-2', 's3'],
    ['bucket.s3.eu-central-1.amazonaws.com', 'eu-central-1', 's3'],
    ['search-x.us-east-2.es.amazonaws.com', 'us-east-2', 'es'],
    ['us-east-1.quicksight.amazonaws.com', 'us-east-1', 'quicksight'],
    ['ec2.eu-west-3.api.aws', 'eu-west-3', 'ec2'],
    ['x.lambda-url.us-east-1.on.aws', 'us-east-1', 'lambda'],
    ['localhost', undefined, undefined],
    ['amazonaws.com.evil.test', undefined, undefined],
  ];
  for (const [host, region, service] of HOSTS) {
    it(`is told by the host ${host}`, () => {
      const scope = scopeOfHost(host);
      assert.deepEqual([scope.region, scope.service], [region, service]);
    });
  }

  const VALUES: readonly (readonly [value: string, want: readonly (string | undefined)[] | undefined])[] = [
    ['AKID:se/cret+', ['AKID', 'se/cret+', undefined]],
    ['ASIA:secret:tok:en==', ['ASIA', 'secret', 'tok:en==']],
    ['AKID', undefined],
    ['AKID:', undefined],
    [':secret', undefined],
    ['AK/ID:secret', undefined],
  ];
  for (const [value, want] of VALUES) {
    it(`has its keys read from ${value}`, () => {
      const keys = readAwsKeys(value);
      const parts = keys && [keys.accessKeyId, keys.secretAccessKey.reveal(), keys.sessionToken?.reveal()];
      assert.deepEqual(parts, want);
    });
  }
});
