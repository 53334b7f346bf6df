/** As much of a published OpenAPI 3 document as the corpus runs read. Vendors' mistakes are in it, so nothing is sure. */

export type JsonObject = Readonly<Record<string, unknown>>;

export interface OpenApiDocument extends JsonObject {
  readonly paths: Readonly<Record<string, JsonObject>>;
  readonly components?: Readonly<Record<string, JsonObject>>;
}

/** An operation as the catalogue names it. */
export interface OperationAddress {
  /** In upper case. */
  readonly method: string;
  /** The path template, as in the document. */
  readonly path: string;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a reference of the document points at (RFC 6901); undefined where that is not there. */
export function pointedAt(document: JsonObject, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined;
  const names = reference
    .slice(2)
    .split('/')
    .map((name) => decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce<unknown>((value, name) => (value as JsonObject | undefined)?.[name], document);
}

/** So many references are followed from one to the next before they count as a circle. */
const LONGEST_CHAIN = 10;

/** The object that is meant, whether it stands here or is referred to; undefined where there is none. */
export function resolved(document: JsonObject, value: unknown): JsonObject | undefined {
  let current = value;
  for (let steps = 0; steps < LONGEST_CHAIN && isObject(current) && typeof current.$ref === 'string'; steps += 1) {
    current = pointedAt(document, current.$ref);
  }
  return isObject(current) ? current : undefined;
}

/** The operation; an empty object where the document has none there. */
export function operationOf(document: OpenApiDocument, { method, path }: OperationAddress): JsonObject {
  return resolved(document, resolved(document, document.paths[path])?.[method.toLowerCase()]) ?? {};
}

/** The parameters of the path and of the operation, whose own stand last. */
export function parametersOf(document: OpenApiDocument, operation: OperationAddress): readonly JsonObject[] {
  const lists = [resolved(document, document.paths[operation.path]), operationOf(document, operation)];
  return lists.flatMap((holder) => {
    const { parameters } = holder ?? {};
    return Array.isArray(parameters)
      ? parameters.flatMap<JsonObject>((each: unknown) => resolved(document, each) ?? [])
      : [];
  });
}

/** Every reference that the value reaches, directly or through others. */
export function reachedReferences(document: JsonObject, value: unknown): ReadonlySet<string> {
  const reached = new Set<string>();
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const { $ref: reference } = next as { $ref?: unknown };
    if (typeof reference === 'string' && !reached.has(reference)) {
      reached.add(reference);
      open.push(pointedAt(document, reference));
    }
    open.push(...(Object.values(next) as unknown[]));
  }
  return reached;
}
