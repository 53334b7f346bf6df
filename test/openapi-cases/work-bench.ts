/**
 * All rows at once: their documents in one specs/, generated in this process, served by a whole gateway whose providers
 * are all one HTTP server, which records what it receives.
 */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';

import type { Client } from '@modelcontextprotocol/sdk/client/index.js';

import { writeOutput } from '../../generator/emit/write-output.js';
import { generate, generateProvider, type ProviderResult } from '../../generator/generate.js';
import { callTool, startTestGateway, type Json } from '../fixtures/test-gateway.js';
import type { Bench, Files, OpenapiCase, SentRequest } from './openapi-case.js';

export interface WorkBench {
  of(number: number): Bench;
  close(): Promise<void>;
}

/** Starts everything; the rows' requests must be made one row after the other. */
export async function startWorkBench(cases: Readonly<Record<number, OpenapiCase>>): Promise<WorkBench> {
  let received: SentRequest[] = [];
  let answer: OpenapiCase['answer'];
  const provider = createServer((request, response) => {
    void recorded(request).then((sent) => {
      received.push(sent);
      const { status = 200, headers = { 'content-type': 'application/json' }, body } = answer?.(sent) ?? {};
      response.writeHead(status, headers).end(body ?? '{"ok":true}');
    });
  });
  await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening));
  const address = `127.0.0.1:${String((provider.address() as AddressInfo).port)}`;
  const folder = mkdtempSync(join(tmpdir(), 'openapi-cases-'));
  const place = (specsDir: string, files: Files): void => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(specsDir, file)), { recursive: true });
      writeFileSync(join(specsDir, file), text.replaceAll('upstream.test', address));
    }
  };

  const specsDir = join(folder, 'specs');
  for (const [number, { document }] of Object.entries(cases)) {
    const files = typeof document === 'string' ? { 'openapi.yaml': document } : document;
    place(join(specsDir, `case-${number}`), files);
  }
  const results = new Map<string, ProviderResult>();
  const generation = await generate({
    specsDir,
    allowRemoteRefs: false,
    types: false,
    onProvider: (result) => results.set(result.provider, result),
  });
  await writeOutput(join(folder, 'generated'), generation.files, []);
  const gateway = await startTestGateway({
    TOLLGATE_CATALOGUE: join(folder, 'generated'),
    TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: '*',
    ...Object.fromEntries(Object.values(cases).flatMap(({ environment }) => Object.entries(environment ?? {}))),
  });
  const client = await gateway.client((await gateway.account('5')).apiKey);

  return {
    of: (number) => {
      received = [];
      answer = cases[number]?.answer;
      const result = results.get(`case-${String(number)}`) ?? assert.fail(`no provider case-${String(number)}`);
      return benchOf(result, client, received, (files) => {
        const alone = mkdtempSync(join(folder, 'alone-'));
        place(join(alone, 'alone'), files);
        const source = { id: 'alone', specsDir: alone, file: 'alone/openapi.yaml', root: 'alone' };
        return generateProvider(source, { allowRemoteRefs: false, types: true });
      });
    },
    close: async () => {
      await gateway.close();
      provider.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function benchOf(
  result: ProviderResult,
  client: Client,
  received: readonly SentRequest[],
  generateAlone: Bench['generate'],
): Bench {
  const endpoint = (operation: string): string => `${result.provider}/${operation}`;
  const bench: Bench = {
    operations: async () => {
      const { answer } = await callTool(client, 'browse_apis', { provider: result.provider, limit: 50 });
      return (answer.items as { endpoint: string }[]).map((item) => item.endpoint.slice(endpoint('').length)).sort();
    },
    warnings: result.warnings,
    losses: result.losses,
    refused: result.refused,
    describe: async (operation) => {
      const { isError, answer } = await callTool(client, 'describe_endpoint', { endpoint: endpoint(operation) });
      assert.equal(isError, false, JSON.stringify(answer));
      return answer;
    },
    argumentsOf: async (operation) => {
      const { arguments: schema } = await bench.describe(operation);
      return (schema as { properties: Record<string, Json> }).properties;
    },
    call: (operation, args = {}, options = {}) =>
      callTool(client, 'call_api', { endpoint: endpoint(operation), arguments: args, ...options }),
    send: async (operation, args) => {
      const before = received.length;
      const { isError, answer } = await bench.call(operation, args);
      assert.equal(isError, false, JSON.stringify(answer));
      assert.equal(received.length, before + 1);
      return received[before]!;
    },
    refusal: async (operation, args) => {
      const before = received.length;
      const { isError, answer } = await bench.call(operation, args);
      assert.equal(isError, true, JSON.stringify(answer));
      assert.equal(received.length, before, 'the provider received a request');
      assert.equal(answer.charged, '0.000000');
      return answer.code as string;
    },
    received,
    generate: generateAlone,
  };
  return bench;
}

async function recorded(request: IncomingMessage): Promise<SentRequest> {
  const bytes = await buffer(request);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  ) as Record<string, string>;
  return { method: request.method ?? '', url: request.url ?? '', headers, bytes, body: bytes.toString('utf8') };
}
