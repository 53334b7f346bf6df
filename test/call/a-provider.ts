/**
 * A provider whose document and answers a test writes, behind a whole gateway: the document goes through the generator,
 * and the answers come over HTTP.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { writeOutput } from '../../generator/emit/write-output.js';
import { generate } from '../../generator/generate.js';
import { startTestGateway, type TestGateway } from '../fixtures/test-gateway.js';
import { upstreamServer } from '../upstream/upstream-server.js';

export interface Provider {
  readonly gateway: TestGateway;
  /** Answers from now on. */
  answer(listener: RequestListener): void;
  /** `GET /x HTTP/1.1` as `GET /x`, in the order in which they came since the last `answer`. */
  readonly received: readonly string[];
  close(): Promise<void>;
}

export interface Secured {
  /** YAML behind `securitySchemes:`, in one line. */
  readonly securitySchemes?: string;
  /** Of the gateway. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** @param paths YAML below `paths:`. The provider's id is `acme`. @param settings its provider.yaml. */
export async function startProvider(
  paths: string,
  settings = '',
  { securitySchemes = '{}', environment = {} }: Secured = {},
): Promise<Provider> {
  const dir = mkdtempSync(join(tmpdir(), 'tollgate-provider-'));
  let listener: RequestListener = (_, response) => response.end();
  const received: string[] = [];
  const upstream = await upstreamServer((request, response) => {
    received.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  const folder = join(dir, 'specs', 'acme');
  mkdirSync(folder, { recursive: true });
  const head = `openapi: 3.1.0\ninfo: { title: Acme, version: '1' }\nservers: [{ url: '${upstream.origin}' }]\n`;
  writeFileSync(
    join(folder, 'openapi.yaml'),
    `${head}components: { securitySchemes: ${securitySchemes} }\npaths:\n${paths}`,
  );
  writeFileSync(join(folder, 'provider.yaml'), settings);
  const { files } = await generate({ specsDir: join(dir, 'specs'), allowRemoteRefs: false, types: false });
  await writeOutput(join(dir, 'generated'), files, []);
  const gateway = await startTestGateway({
    TOLLGATE_CATALOGUE: join(dir, 'generated'),
    TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'acme',
    ...environment,
  });
  return {
    gateway,
    answer: (next) => {
      listener = next;
      received.length = 0;
    },
    received,
    close: async () => {
      await gateway.close();
      await upstream.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
