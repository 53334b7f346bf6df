/** Normalizes a document that a test writes down, and hands back what the stage said of it. */

import type { JsonSchema } from '../../../generator/contract.js';
import type { NormalizedDocument, NormalizedOperation } from '../../../generator/normalize/normalized-document.js';
import { normalize } from '../../../generator/normalize/normalize.js';
import { Findings } from '../../../generator/report/findings.js';

export interface Normalized extends NormalizedDocument {
  readonly findings: Findings;
  /** The only operation, or the one with this id. */
  only(id?: string): NormalizedOperation;
}

export function normalized(document: object, origin?: string): Normalized {
  const findings = new Findings();
  const place = (pointer: string) => ({ file: 'acme.yaml', pointer });
  const loaded = { document, files: [], place, ...(origin === undefined ? {} : { origin }) };
  const result = normalize(loaded, 'acme', findings);
  const only = (id?: string): NormalizedOperation => {
    const found = id === undefined ? result.operations : result.operations.filter(({ operation }) => operation === id);
    if (found.length !== 1)
      throw new Error(`${found.length} operations of ${result.operations.map((o) => o.operation).join()}`);
    return found[0]!;
  };
  return Object.assign(result, { findings, only });
}

/** A document of one operation. */
export function withOperation(operation: object, more: Record<string, unknown> = {}, openapi = '3.1.0'): object {
  const { path = '/things', method = 'post', pathItem = {}, ...rest } = more;
  return {
    openapi,
    info: { title: 'Acme', version: '1' },
    servers: [{ url: 'https://api.acme.test' }],
    paths: { [path as string]: { ...(pathItem as object), [method as string]: { responses: {}, ...operation } } },
    ...rest,
  };
}

/** The schema that comes of one Schema Object, as the body of a request. */
export function requestSchema(schema: unknown, openapi = '3.1.0', schemas: object = {}): JsonSchema {
  const requestBody = { content: { 'application/json': { schema } } };
  const document = withOperation({ requestBody }, { components: { schemas } }, openapi);
  return propertiesOf(normalized(document).only())['body']!;
}

export function propertiesOf({ arguments: schema }: NormalizedOperation): Readonly<Record<string, JsonSchema>> {
  return (schema as { properties: Record<string, JsonSchema> }).properties;
}
