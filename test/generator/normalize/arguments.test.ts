import assert from 'node:assert/strict';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { loadDocument } from '../../../generator/load/load-document.js';
import { normalize } from '../../../generator/normalize/normalize.js';
import { Findings } from '../../../generator/report/findings.js';

const specsDir = fileURLToPath(new URL('../../fixtures/openapi', import.meta.url));

async function read(file: string) {
  const findings = new Findings();
  const loaded = await loadDocument(
    { provider: 'acme', specsDir, file, root: file },
    { allowRemoteRefs: false },
    findings,
  );
  return { ...normalize(loaded, 'acme', findings), findings };
}

/** A real validator, as the runtime has one: the arguments of each operation over the shared definitions. */
function validatorOf(schema: object, definitions: object) {
  const ajv = new Ajv2020({ strict: false, logger: false });
  addFormats.default(ajv);
  return ajv.compile({ ...schema, $defs: definitions });
}

describe('the arguments of real operations', () => {
  const fixtures: [file: string, operations: string[], losses: string[]][] = [
    ['shelter-30.yaml', ['list-animals', 'add-animal', 'put-animals-id-photo'], []],
    ['library-31.yaml', ['post-loans'], ['the schema keyword pattern']],
    ['post-20.json', ['put-parcels-number', 'post-parcels-number'], []],
  ];
  for (const [file, ids, losses] of fixtures) {
    it(`of ${file} compile, and their examples satisfy them`, async () => {
      const { operations, definitions, findings } = await read(file);
      assert.deepEqual(
        operations.map(({ operation }) => operation),
        ids,
      );
      assert.deepEqual(
        findings.losses.map(({ what }) => what),
        losses,
      );
      for (const { operation, arguments: schema, example } of operations) {
        const validate = validatorOf(schema as object, definitions);
        assert.ok(validate(example), `${operation}: ${JSON.stringify([validate.errors, example])}`);
        assert.ok(!validate({ ...example, unknown: 1 }), `${operation} takes unknown arguments`);
      }
    });

    it(`of ${path.parse(file).name} are the same, byte for byte, each time`, async () => {
      assert.equal(JSON.stringify(await read(file)), JSON.stringify(await read(file)));
    });
  }

  it('refuse a value that the document refuses', async () => {
    const { operations, definitions } = await read('post-20.json');
    const validate = validatorOf(operations[0]!.arguments as object, definitions);
    assert.ok(validate({ number: 'A', body: { weight: 1, contents: [null] } }));
    assert.ok(!validate({ number: 'A', body: { weight: 0, contents: [null] } }));
    assert.ok(!validate({ number: 'A', body: { weight: 1, contents: ['12345'] } }));
    assert.ok(!validate({ body: { weight: 1, contents: [null] } }));
  });
});
