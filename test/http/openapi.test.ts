import assert from 'node:assert/strict';

import SwaggerParser from '@apidevtools/swagger-parser';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { createApp, type AppDependencies } from '../../runtime/http/app.js';
import { openApiDocument } from '../../runtime/http/openapi.js';
import { PINNED, PINNED_OF_BATCH } from '../receipt/receipts.js';

const DOCUMENT = openApiDocument('https://tollgate.example.com') as {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly Receipt: object } };
};

interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

interface Layer {
  readonly path: string;
  readonly methods: readonly string[];
}

/** `GET /v1/apis` and so on, as the app routes them. */
function routes(): readonly string[] {
  // Nothing is called: the routes stand before any request.
  const app = createApp({} as AppDependencies);
  const dispatch = app.middleware.find((layer) => 'router' in layer) as unknown as { router: { stack: Layer[] } };
  return dispatch.router.stack.flatMap(({ path, methods }) =>
    methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
  );
}

const operations = Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
);

describe('the gateway’s own OpenAPI document', () => {
  it('is what the published schema of OpenAPI admits', async () => {
    await SwaggerParser.validate(structuredClone(DOCUMENT) as never);
  });

  it('names the gateway’s address as its server', () => {
    assert.deepEqual(DOCUMENT.servers, [{ url: 'https://tollgate.example.com' }]);
  });

  it('describes exactly the routes that exist', () => {
    assert.deepEqual(operations.map(({ route }) => route).sort(), [...routes()].sort());
  });

  it('declares every parameter of every path', () => {
    for (const { route, operation } of operations) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      const wanted = [...route.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
      assert.deepEqual(
        inPath.map((parameter) => parameter.name),
        wanted,
        route,
      );
    }
  });

  it('admits a receipt that was signed alone and one that shares its signature, and not half a proof', () => {
    const fits = new Ajv2020().compile(DOCUMENT.components.schemas.Receipt);
    const signatures = [PINNED.signature, PINNED_OF_BATCH, PINNED_OF_BATCH.slice(0, -32)];
    assert.deepEqual(
      signatures.map((signature) => fits({ ...PINNED, signature })),
      [true, true, false],
    );
  });

  it('asks for a key where an account is needed, and nowhere else', () => {
    const secured = operations.filter(({ operation }) => operation.security?.length === 1).map(({ route }) => route);
    assert.deepEqual(secured.sort(), [
      'GET /v1/balance',
      'GET /v1/receipts/{id}',
      'GET /v1/usage',
      'POST /v1/call/{provider}/{operation}',
      'POST /v1/ratings',
    ]);
  });
});
