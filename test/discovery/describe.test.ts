import assert from 'node:assert/strict';
import { join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';

import type { EndpointDescriptor } from '../../generated/contract.js';
import { ArgumentValidator } from '../../runtime/catalogue/argument-validator.js';
import { Catalogue } from '../../runtime/catalogue/catalogue.js';
import { describe as describeEndpoint } from '../../runtime/discovery/describe.js';
import { PACKAGE_ROOT } from '../../runtime/package-root.js';
import { ANY_ENDPOINT, ANY_PROVIDER } from '../catalogue/a-catalogue.js';

const UNKNOWN: Parameters<typeof describeEndpoint>[1] = {
  observed: { calls: 0, successRate: null, p50Ms: 0, p95Ms: 0 },
};
const describeOf = (parts: Partial<EndpointDescriptor>, known = UNKNOWN) =>
  describeEndpoint({ descriptor: { ...ANY_ENDPOINT, ...parts }, provider: ANY_PROVIDER, definitions: {} }, known);

describe('describing an endpoint', () => {
  it('says all that is needed to call it', () => {
    assert.deepEqual(describeOf({ price: { model: 'per_call', amount: '0.001' } }), {
      endpoint: 'one/get',
      title: 'Get',
      description: 'Gets it.',
      provider: 'One',
      method: 'GET',
      path: '/get',
      arguments: { type: 'object', properties: {}, additionalProperties: false },
      example: {},
      price: { model: 'per_call', amount: '0.001', currency: 'USDC', max_charge: '0.001000' },
      charged_when: 'charged when the upstream answers 2xx; timeouts, failures and refusals cost nothing',
      observed: { calls: 0, success_rate: null, p50_ms: null, p95_ms: null },
      rating: null,
    });
  });

  it('says how it has performed, how its seller is rated, and what the operator has to do first', () => {
    const known = {
      observed: { calls: 4, successRate: 0.75, p50Ms: 12, p95Ms: 40 },
      rating: { average: 4.5, count: 2 },
      unavailable: 'set X',
    };
    const described = describeOf({ deprecated: true }, known);
    assert.deepEqual(described.observed, { calls: 4, success_rate: 0.75, p50_ms: 12, p95_ms: 40 });
    assert.deepEqual(described.rating, { average: 4.5, count: 2 });
    assert.equal(described.unavailable, 'set X');
    assert.equal(described.deprecated, true);
  });

  it('falls back to the summary where there is no description', () => {
    assert.equal(describeOf({ description: '' }).description, 'Gets.');
  });

  it('shows the answer that has a schema, else the first', () => {
    const responses = [
      { status: '204' },
      { status: '200', contentType: 'application/json', schema: { type: 'string' } },
    ];
    assert.deepEqual(describeOf({ responses }).response, {
      status: '200',
      content_type: 'application/json',
      schema: { type: 'string' },
    });
    assert.deepEqual(describeOf({ responses: [{ status: '204' }] }).response, { status: '204' });
  });

  describe('of the committed catalogue', () => {
    let catalogue: Catalogue;
    before(async () => {
      catalogue = await Catalogue.open(join(PACKAGE_ROOT, 'generated'));
    });

    it('gives arguments that stand alone, and an example that fits them, for every endpoint', async () => {
      const validator = new ArgumentValidator();
      assert.ok(catalogue.entries.length > 300);
      for (const { id } of catalogue.entries) {
        const endpoint = (await catalogue.endpoint(id))!;
        const described = describeEndpoint(endpoint, UNKNOWN);
        const schema = described.arguments as { $defs?: object };
        for (const [, name] of JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)) {
          assert.ok(name! in (schema.$defs ?? {}), `${id}: ${name} is missing`);
        }
        assert.deepEqual(validator.problems(endpoint, described.example), [], id);
      }
    });

    it('gives JSON Schema 2020-12 for every endpoint, by the meta-schema', async () => {
      const ajv = new Ajv2020({ strict: false, logger: false });
      for (const { id } of catalogue.entries) {
        const described = describeEndpoint((await catalogue.endpoint(id))!, UNKNOWN);
        assert.equal(ajv.validateSchema(described.arguments as object), true, `${id}: ${ajv.errorsText()}`);
      }
    });

    it('keeps the schema of every answer small enough for a context window', async () => {
      for (const { id } of catalogue.entries) {
        const { response } = describeEndpoint((await catalogue.endpoint(id))!, UNKNOWN);
        const size = JSON.stringify(response?.schema ?? {}).length;
        assert.ok(size <= 16_000, `${id}: ${size} characters`);
      }
    });
  });
});
