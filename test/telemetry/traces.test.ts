import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SpanKind } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

import { Traces } from '../../runtime/telemetry/traces.js';
import { askPlainHttp } from '../fixtures/plain-http.js';
import { startTestGateway } from '../fixtures/test-gateway.js';
import { upstreamServer } from '../upstream/upstream-server.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const REQUEST = { method: 'GET', url: new URL('http://api.test/'), headers: [], origin: 'http://api.test' };

describe('traces', () => {
  let exporter: InMemorySpanExporter;
  let traces: Traces;
  beforeEach(() => {
    exporter = new InMemorySpanExporter();
    traces = new Traces(new SimpleSpanProcessor(exporter));
  });
  afterEach(() => traces.close());

  const operation = <Result>(work: () => Promise<Result>, traceparent?: string) =>
    traces.operation('call_api', traceparent, work, () => ({ outcome: 'ok' }));
  const spans = () => exporter.getFinishedSpans();

  it('have a span for the operation, and one within it for each stage', async () => {
    await operation(async () => {
      await traces.stage('hold', () => Promise.resolve());
      await traces.stage('upstream', () => Promise.resolve({ status: 200 }));
    });
    const [hold, upstream, root] = spans();
    assert.deepEqual(
      [hold, upstream, root].map((span) => [span!.name, span!.kind]),
      [
        ['hold', SpanKind.INTERNAL],
        ['upstream', SpanKind.CLIENT],
        ['call_api', SpanKind.SERVER],
      ],
    );
    for (const span of [hold, upstream]) {
      assert.equal(span!.parentSpanContext!.spanId, root!.spanContext().spanId);
      assert.equal(span!.spanContext().traceId, root!.spanContext().traceId);
    }
    assert.deepEqual(root!.attributes, { outcome: 'ok' });
    assert.equal(root!.resource.attributes['service.name'], 'tollgate');
  });

  it('go on from the client’s, and on to the upstream', async () => {
    let marked: ReturnType<typeof traces.mark> | undefined;
    await operation(
      () =>
        traces.stage('upstream', () => {
          marked = traces.mark({ ...REQUEST, headers: [['traceparent', 'the client’s own']] });
          return Promise.resolve({ status: 200 });
        }),
      `00-${TRACE}-${PARENT}-01`,
    );
    const [upstream, root] = spans();
    assert.deepEqual([root!.spanContext().traceId, root!.parentSpanContext!.spanId], [TRACE, PARENT]);
    assert.deepEqual(marked!.headers, [['traceparent', `00-${TRACE}-${upstream!.spanContext().spanId}-01`]]);
  });

  for (const [name, traceparent] of [
    ['none', undefined],
    ['text', 'canary'],
    ['another version', `ff-${TRACE}-${PARENT}-01`],
    ['no trace', `00-${'0'.repeat(32)}-${PARENT}-01`],
    ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['more than a header should be', `00-${TRACE}-${PARENT}-01, x`],
  ] as const) {
    it(`begin anew where the client’s header is ${name}`, async () => {
      await operation(() => Promise.resolve(), traceparent);
      const [root] = spans();
      assert.equal(root!.parentSpanContext, undefined);
      assert.notEqual(root!.spanContext().traceId, TRACE);
    });
  }

  it('are not kept where the client says that it does not keep its own', async () => {
    await operation(() => Promise.resolve(), `00-${TRACE}-${PARENT}-00`);
    assert.deepEqual(spans(), []);
  });

  it('say of a stage that failed the kind of failure, and nothing of its message', async () => {
    const failing = operation(() => traces.stage('upstream', () => Promise.reject(new TypeError('canary'))));
    await assert.rejects(failing, /canary/);
    const [upstream] = spans();
    assert.equal(upstream!.status.message, 'TypeError');
    assert.ok(
      !JSON.stringify(spans().map(({ attributes, events, status }) => [attributes, events, status])).includes('canary'),
    );
  });

  it('are of one operation each, however many there are side by side', async () => {
    await Promise.all(
      Array.from({ length: 20 }, () =>
        operation(async () => {
          await new Promise(setImmediate);
          await traces.stage('hold', () => Promise.resolve());
        }),
      ),
    );
    const holds = spans().filter(({ name }) => name === 'hold');
    const roots = new Set(spans().flatMap((span) => (span.name === 'call_api' ? [span.spanContext().spanId] : [])));
    assert.deepEqual(new Set(holds.map((span) => span.parentSpanContext!.spanId)), roots);
    assert.equal(roots.size, 20);
  });

  it('leave a request and a stage as they are outside of any operation', async () => {
    assert.equal(traces.mark(REQUEST), REQUEST);
    assert.equal(await traces.stage('hold', () => Promise.resolve(1)), 1);
    assert.deepEqual(spans(), []);
  });
});

interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

describe('a gateway with a receiver of traces', () => {
  it('sends it the whole way of a call, tied to the client’s trace and to the upstream’s, and nothing that was said', async () => {
    const received: ReceivedSpan[] = [];
    let bodies = '';
    const receiver = createServer((req, res) => {
      let text = '';
      req.setEncoding('utf8').on('data', (part: string) => (text += part));
      req.on('end', () => {
        bodies += text;
        const { resourceSpans } = JSON.parse(text) as {
          resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[];
        };
        received.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
        res.end('{}');
      });
    });
    await once(receiver.listen(0, '127.0.0.1'), 'listening');
    const seen: IncomingHttpHeaders[] = [];
    const upstream = await upstreamServer((request, response) => {
      seen.push(request.headers);
      response.setHeader('content-type', 'application/json').end('{"said":"canary-answer"}');
    });
    const gateway = await startTestGateway({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
      TOLLGATE_UPSTREAM_SANDBOX: upstream.origin,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'sandbox',
    });
    let apiKey: string;
    try {
      ({ apiKey } = await gateway.account('1'));
      const weather = `${gateway.url}/v1/call/sandbox/get-weather`;
      const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };
      const answer = await askPlainHttp(weather, apiKey, { city: 'canary-argument' }, { headers });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    } finally {
      // What is not sent yet is sent now.
      await gateway.close();
      await upstream.close();
      receiver.close();
    }
    assert.deepEqual(received.map(({ name }) => name).sort(), [
      'authenticate',
      'call_api',
      'hold',
      'settle',
      'upstream',
    ]);
    assert.deepEqual(new Set(received.map(({ traceId }) => traceId)), new Set([TRACE]));
    const spanOf = (wanted: string) => received.find(({ name }) => name === wanted)!;
    assert.equal(spanOf('call_api').parentSpanId, PARENT);
    assert.equal(spanOf('upstream').parentSpanId, spanOf('call_api').spanId);
    assert.equal(seen[0]!.traceparent, `00-${TRACE}-${spanOf('upstream').spanId}-01`);
    for (const secret of ['canary', apiKey]) assert.ok(!bodies.includes(secret), secret);
    assert.match(bodies, /sandbox\/get-weather/);
  });

  it('is no gateway without one: nothing of the client’s trace goes on', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const upstream = await upstreamServer((request, response) => {
      seen.push(request.headers);
      response.setHeader('content-type', 'application/json').end('{}');
    });
    const gateway = await startTestGateway({
      TOLLGATE_UPSTREAM_SANDBOX: upstream.origin,
      TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'sandbox',
    });
    try {
      const { apiKey } = await gateway.account('1');
      const headers = { traceparent: `00-${TRACE}-${PARENT}-01` };
      await askPlainHttp(`${gateway.url}/v1/call/sandbox/echo-get`, apiKey, {}, { headers });
      assert.deepEqual([seen.length, seen[0]!.traceparent], [1, undefined]);
    } finally {
      await gateway.close();
      await upstream.close();
    }
  });
});
