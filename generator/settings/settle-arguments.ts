/**
 * Takes fixed and hidden arguments out of what a caller sees. A fixed one stays in the request with its value; a hidden
 * one is never sent. Both leave the schema of the arguments and the example, so that the two keep fitting each other.
 */

import type { BodyBinding, JsonSchema, ParameterBinding } from '../contract.js';
import { show } from '../normalize/clean-text.js';
import { definitionName } from '../normalize/definition-name.js';
import { setOwn } from '../normalize/json-value.js';
import type { NormalizedOperation } from '../normalize/normalized-document.js';
import { checkPattern } from '../normalize/safe-pattern.js';
import { satisfies } from '../normalize/satisfies.js';
import type { Findings, Place } from '../report/findings.js';
import { nearestName } from './nearest-name.js';
import type { LocatedSettings } from './read-settings.js';
import { without } from './without.js';

/** Characters of a value or a schema, in a message. */
const MOST_SHOWN = 120;

type Definitions = Readonly<Record<string, JsonSchema>>;
type SchemaObject = Exclude<JsonSchema, boolean>;

/** An operation without an argument, and what stood for it. */
interface Slimmed {
  readonly operation: NormalizedOperation;
  readonly required: boolean;
  /** The argument's schemas: several where parts of an allOf, anyOf or oneOf each have one. */
  readonly schemas: readonly JsonSchema[];
  /** Whether it stood in the body. Anywhere else a number and its text are sent alike. */
  readonly inBody: boolean;
}

/**
 * Applies `arguments.fixed` and `arguments.hidden` to every operation. A name stands for the argument of that name, else
 * for every parameter of that name on the wire (in headers, whatever its letter case), else for a property of the body.
 * Hiding what is required is refused with the operation named, and so is a fixed value that does not fit its schema; a
 * name that fits nothing anywhere is a warning.
 */
export function settleArguments(
  operations: readonly NormalizedOperation[],
  definitions: Definitions,
  located: LocatedSettings,
  provider: string,
  findings: Findings,
): readonly NormalizedOperation[] {
  const { fixed = {}, hidden = [] } = located.settings.arguments ?? {};
  let settled = operations;
  const apply = (
    place: Place,
    name: string,
    change: (operation: NormalizedOperation, slimmed: Slimmed) => NormalizedOperation,
  ): void => {
    let used = false;
    settled = settled.map((operation) => {
      const slimmed = withoutArgument(operation, name, definitions);
      used ||= slimmed !== undefined;
      return slimmed === undefined ? operation : change(operation, slimmed);
    });
    if (used) return;
    const meant = nearestName(name, new Set(operations.flatMap(argumentNames)));
    findings.warnings.push({
      ...place,
      provider,
      rule: 'argument-unknown',
      message: `no operation has an argument ${JSON.stringify(name)}`,
      remedy: meant === undefined ? 'correct the name, or delete it' : `did you mean ${JSON.stringify(meant)}?`,
    });
  };
  for (const [name, value] of Object.entries(fixed)) {
    const place = located.locate(['arguments', 'fixed', name]);
    let isRefused = false;
    apply(place, name, (operation, slimmed) => {
      if (!isRefused && !fits(value, slimmed, definitions)) {
        isRefused = true;
        findings.refused.push({
          ...place,
          provider,
          rule: 'fixed-misfit',
          message:
            `the fixed value ${show(value, MOST_SHOWN)} of ${JSON.stringify(name)} does not fit ` +
            `${operation.method} ${operation.path}, which takes ${slimmed.schemas.map((schema) => show(schema, MOST_SHOWN)).join(' or ')}`,
          remedy: 'write a value that fits, or exclude the operation under operations.exclude',
        });
      }
      return withFixed(operation, slimmed, name, value);
    });
  }
  for (const [index, name] of hidden.entries()) {
    const place = located.locate(['arguments', 'hidden', index]);
    apply(place, name, (operation, slimmed) => {
      if (!slimmed.required) return slimmed.operation;
      findings.refused.push({
        ...place,
        provider,
        rule: 'hidden-required',
        message: `${JSON.stringify(name)} is required by ${operation.method} ${operation.path} and cannot be hidden`,
        remedy: 'give it a value under arguments.fixed instead',
      });
      return operation;
    });
  }
  return settled;
}

function fits(value: unknown, { schemas, inBody }: Slimmed, definitions: Definitions): boolean {
  const lookup = {
    definition: (name: string) => (Object.hasOwn(definitions, name) ? definitions[name] : undefined),
    pattern: checkPattern,
  };
  const isScalar = typeof value === 'number' || typeof value === 'boolean';
  const forms = isScalar && !inBody ? [value, String(value)] : [value];
  return forms.some((form) => schemas.some((schema) => satisfies(schema, form, lookup)));
}

/** The values are put back as what is sent on every call. */
function withFixed(
  operation: NormalizedOperation,
  slimmed: Slimmed,
  name: string,
  value: unknown,
): NormalizedOperation {
  const { body } = operation;
  if (slimmed.inBody && body !== undefined) {
    const values = { ...body.fixed };
    setOwn(values, name, value);
    return { ...slimmed.operation, body: { ...body, fixed: values } };
  }
  const left = new Set(slimmed.operation.parameters);
  const parameters = operation.parameters.map((binding) =>
    left.has(binding) ? binding : ({ ...without(binding, ['argument', 'default']), fixed: value } as ParameterBinding),
  );
  return { ...slimmed.operation, parameters };
}

/** The operation without the argument that a name stands for, or undefined where it has none of that name. */
function withoutArgument(operation: NormalizedOperation, name: string, definitions: Definitions): Slimmed | undefined {
  const bindings = parametersNamed(operation, name);
  if (bindings.length > 0) {
    const properties = propertiesOf(operation);
    return {
      operation: withoutParameters(operation, bindings),
      required: bindings.some((binding) => binding.required),
      schemas: bindings.map(({ argument }) => properties[argument ?? ''] ?? true),
      inBody: false,
    };
  }
  return operation.body === undefined ? undefined : bodyWithout(operation, operation.body, name, definitions);
}

/** What a name in the settings can stand for: arguments, and properties that the body's own schema has. */
function argumentNames(operation: NormalizedOperation): readonly string[] {
  const properties = propertiesOf(operation);
  const { body } = operation;
  const schema = body === undefined ? undefined : properties[body.argument];
  return [...Object.keys(properties), ...(typeof schema === 'object' ? Object.keys(schema.properties ?? {}) : [])];
}

function propertiesOf(operation: NormalizedOperation): Readonly<Record<string, JsonSchema>> {
  return ((operation.arguments as SchemaObject).properties ?? {}) as Readonly<Record<string, JsonSchema>>;
}

/** The visible parameters that a name stands for. */
function parametersNamed(operation: NormalizedOperation, name: string): readonly ParameterBinding[] {
  const visible = operation.parameters.filter((binding) => binding.argument !== undefined);
  const exact = visible.filter((binding) => binding.argument === name);
  if (exact.length > 0) return exact;
  return visible.filter(
    (binding) =>
      binding.name === name || (binding.in === 'header' && binding.name.toLowerCase() === name.toLowerCase()),
  );
}

function withoutParameters(operation: NormalizedOperation, bindings: readonly ParameterBinding[]): NormalizedOperation {
  const gone = bindings.map((binding) => binding.argument);
  const schema = operation.arguments as SchemaObject;
  return {
    ...operation,
    parameters: operation.parameters.filter((binding) => !bindings.includes(binding)),
    arguments: {
      ...schema,
      properties: without(schema.properties ?? {}, gone),
      ...(Array.isArray(schema.required) && {
        required: (schema.required as string[]).filter((name) => !gone.includes(name)),
      }),
    },
    example: without(operation.example, gone),
  };
}

/** The operation without one property of its body, or undefined where the body's schema knows no such property. */
function bodyWithout(
  operation: NormalizedOperation,
  body: BodyBinding,
  name: string,
  definitions: Definitions,
): Slimmed | undefined {
  const schema = operation.arguments as SchemaObject;
  const properties = propertiesOf(operation);
  const before = Object.hasOwn(properties, body.argument) ? properties[body.argument] : undefined;
  if (before === undefined) return undefined;
  const slimmed = schemaWithout(before, name, definitions, new Set());
  if (slimmed === undefined) return undefined;
  const exampleBody = operation.example[body.argument];
  const isRecord = typeof exampleBody === 'object' && exampleBody !== null && !Array.isArray(exampleBody);
  return {
    required: slimmed.required,
    schemas: slimmed.removed,
    inBody: true,
    operation: {
      ...operation,
      arguments: { ...schema, properties: { ...properties, [body.argument]: slimmed.schema } },
      example: isRecord ? { ...operation.example, [body.argument]: without(exampleBody, [name]) } : operation.example,
    },
  };
}

/**
 * A schema of an object without one of its properties, also where the property stands behind a `$ref` or in a part of
 * an allOf, anyOf or oneOf: what is shared with other endpoints is copied, never changed. A cycle ends the search.
 */
function schemaWithout(
  schema: JsonSchema,
  name: string,
  definitions: Definitions,
  seen: ReadonlySet<string>,
): { readonly schema: JsonSchema; readonly required: boolean; readonly removed: readonly JsonSchema[] } | undefined {
  if (typeof schema === 'boolean') return undefined;
  const removed: JsonSchema[] = [];
  let required = false;
  let result: Record<string, unknown> = { ...schema };
  if (typeof schema.$ref === 'string') {
    const key = definitionName(schema.$ref);
    const target = Object.hasOwn(definitions, key) ? definitions[key] : undefined;
    const inner =
      target === undefined || seen.has(key)
        ? undefined
        : schemaWithout(target, name, definitions, new Set([...seen, key]));
    if (inner !== undefined && typeof inner.schema === 'object') {
      result = { ...inner.schema, ...without(schema, ['$ref']) };
      removed.push(...inner.removed);
      required = inner.required;
    }
  }
  const properties = result.properties as Readonly<Record<string, JsonSchema>> | undefined;
  if (properties !== undefined && Object.hasOwn(properties, name)) {
    result.properties = without(properties, [name]);
    removed.push(properties[name] ?? true);
  }
  if (Array.isArray(result.required) && result.required.includes(name)) {
    result.required = (result.required as string[]).filter((each) => each !== name);
    required = true;
  }
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const parts = result[keyword];
    if (!Array.isArray(parts)) continue;
    result[keyword] = (parts as JsonSchema[]).map((part) => {
      const inner = schemaWithout(part, name, definitions, seen);
      removed.push(...(inner?.removed ?? []));
      required ||= inner?.required === true;
      return inner?.schema ?? part;
    });
  }
  return removed.length > 0 ? { schema: result, required, removed } : undefined;
}
