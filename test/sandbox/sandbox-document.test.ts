import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import SwaggerParser from '@apidevtools/swagger-parser';
import { parse } from 'yaml';
import { SandboxKey } from '../../runtime/sandbox/sandbox-key.js';
import { createSandboxRouter } from '../../runtime/sandbox/sandbox-router.js';
import { documentedOperations } from './documented-fetch.js';

interface Settings {
  readonly pricing: { readonly rules: readonly { readonly match: { operationId?: string; tag?: string } }[] };
  readonly operations: { readonly exclude: readonly { readonly operationId: string }[] };
}

describe('sandbox document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const document = parse(await readFile('specs/sandbox/openapi.yaml', 'utf8')) as never;
    const { info } = await SwaggerParser.validate(document);
    assert.equal(info.title, 'Tollgate sandbox');
  });

  it('names exactly the operations that the upstream serves, by operationId, method and path', async () => {
    const router = createSandboxRouter(new SandboxKey('document-test-key'), () => 0);
    const served = router.stack
      .filter((layer) => layer.name !== undefined)
      .map(({ name, methods, path }) => {
        const template = String(path).replace(/:(\w+)/g, '{$1}');
        return `${name} ${methods.filter((method) => method !== 'HEAD').join(' ')} ${template}`;
      });
    const documented = (await documentedOperations()).map(
      ({ method, path, operation }) => `${operation.operationId} ${method} ${path}`,
    );
    assert.deepEqual(served.toSorted(), documented.toSorted());
  });

  it('leaves one operation to the security of the whole document', async () => {
    const inheriting = (await documentedOperations()).filter(({ operation }) => operation.security === undefined);
    assert.deepEqual(
      inheriting.map(({ operation }) => operation.operationId),
      ['secureInherited'],
    );
  });

  it('has an operation for every rule of its prices and exclusions', async () => {
    const settings = parse(await readFile('specs/sandbox/provider.yaml', 'utf8')) as Settings;
    const operations = (await documentedOperations()).map(({ operation }) => operation);
    const matches = [...settings.pricing.rules.map(({ match }) => match), ...settings.operations.exclude];
    const unmatched = matches.filter(
      (match: { operationId?: string; tag?: string }) =>
        !operations.some(
          ({ operationId, tags }) => operationId === match.operationId || tags.some((tag) => tag === match.tag),
        ),
    );
    assert.deepEqual(unmatched, []);
  });
});
