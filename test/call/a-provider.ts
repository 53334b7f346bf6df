/**
 * A provider whose document and answers a test writes, behind a whole gateway: the document goes through the generator,
 * and the answers come over HTTP.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import type { ServerOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { writeOutput } from '../../generator/emit/write-output.js';
import { generate } from '../../generator/generate.js';
import type { StartOptions } from '../../runtime/main.js';
import { startTestGateway, type TestGateway } from '../fixtures/test-gateway.js';
import { upstreamServer } from '../upstream/upstream-server.js';

export interface Provider {
  readonly gateway: TestGateway;
  readonly origin: string;
  /** Of the gateway's to the provider, that have been opened so far. */
  readonly connections: () => number;
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
  /** Where the provider speaks https. */
  readonly tls?: ServerOptions;
  /** The gateway's. */
  readonly options?: StartOptions;
}

/** @param paths YAML below `paths:`; `{origin}` in it stands for the provider's origin. The provider's id is `acme`. @param settings its provider.yaml. */
export async function startProvider(
  paths: string,
  settings = '',
  { securitySchemes = '{}', environment = {}, tls, options }: Secured = {},
): Promise<Provider> {
  const dir = mkdtempSync(join(tmpdir(), 'tollgate-provider-'));
  let listener: RequestListener = (_, response) => response.end();
  const received: string[] = [];
  const upstream = await upstreamServer((request, response) => {
    received.push(`${request.method} ${request.url}`);
    listener(request, response);
  }, tls);
  const folder = join(dir, 'specs', 'acme');
  mkdirSync(folder, { recursive: true });
  const head = `openapi: 3.1.0\ninfo: { title: Acme, version: '1' }\nservers: [{ url: '${upstream.origin}' }]\n`;
  writeFileSync(
    join(folder, 'openapi.yaml'),
    `${head}components: { securitySchemes: ${securitySchemes} }\npaths:\n${paths}`.replaceAll(
      '{origin}',
      upstream.origin,
    ),
  );
  writeFileSync(join(folder, 'provider.yaml'), settings);
  const { files } = await generate({ specsDir: join(dir, 'specs'), allowRemoteRefs: false, types: false });
  await writeOutput(join(dir, 'generated'), files, []);
  const gateway = await startTestGateway(
    { TOLLGATE_CATALOGUE: join(dir, 'generated'), TOLLGATE_ALLOW_PRIVATE_UPSTREAMS: 'acme', ...environment },
    options,
  );
  return {
    gateway,
    origin: upstream.origin,
    connections: upstream.connections,
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
