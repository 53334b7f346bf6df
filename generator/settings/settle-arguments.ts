/**
 * Takes fixed and hidden arguments out of what a caller sees. A fixed one stays in the request with its value; a hidden
 * one is never sent. Both leave the schema of the arguments and the example, so that the two keep fitting each other.
 */

import type { BodyBinding, JsonSchema, ParameterBinding } from '../contract.js';
import { definitionName } from '../emit/definition-name.js';
import type { NormalizedOperation } from '../normalize/normalized-document.js';
import type { Findings, Place } from '../report/findings.js';
import { without } from './without.js';
import type { LocatedSettings } from './read-settings.js';

type Definitions = Readonly<Record<string, JsonSchema>>;
type SchemaObject = Exclude<JsonSchema, boolean>;

/**
 * Applies `arguments.fixed` and `arguments.hidden` to every operation. A name stands for the argument of that name, else
 * for every parameter of that name on the wire (in headers, whatever its letter case), else for a property of the body.
 * Hiding what is required is refused with the operation named; a name that fits nothing anywhere is a warning.
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
    change: (operation: NormalizedOperation) => NormalizedOperation | undefined,
  ): void => {
    let used = false;
    settled = settled.map((operation) => {
      const changed = change(operation);
      used ||= changed !== undefined;
      return changed ?? operation;
    });
    if (!used) {
      findings.warnings.push({
        ...place,
        provider,
        rule: 'argument-unknown',
        message: `no operation has an argument ${JSON.stringify(name)}`,
        remedy: 'correct the name, or delete it',
      });
    }
  };
  for (const [name, value] of Object.entries(fixed)) {
    apply(located.locate(['arguments', 'fixed', name]), name, (operation) =>
      fixArgument(operation, name, value, definitions),
    );
  }
  for (const [index, name] of hidden.entries()) {
    const place = located.locate(['arguments', 'hidden', index]);
    apply(place, name, (operation) => {
      const changed = hideArgument(operation, name, definitions);
      if (changed !== 'required') return changed;
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

function fixArgument(
  operation: NormalizedOperation,
  name: string,
  value: unknown,
  definitions: Definitions,
): NormalizedOperation | undefined {
  const bindings = parametersNamed(operation, name);
  if (bindings.length > 0) {
    const parameters = operation.parameters.map((binding) => {
      if (!bindings.includes(binding)) return binding;
      return { ...without(binding, ['argument', 'default']), fixed: value } as ParameterBinding;
    });
    return withoutArguments({ ...operation, parameters }, bindings);
  }
  const { body } = operation;
  const slimmed = body === undefined ? undefined : bodyWithout(operation, body, name, definitions);
  if (body === undefined || slimmed === undefined) return undefined;
  const values = { ...body.fixed };
  Object.defineProperty(values, name, { value, enumerable: true });
  return { ...slimmed.operation, body: { ...body, fixed: values } };
}

function hideArgument(
  operation: NormalizedOperation,
  name: string,
  definitions: Definitions,
): NormalizedOperation | 'required' | undefined {
  const bindings = parametersNamed(operation, name);
  if (bindings.length > 0) {
    if (bindings.some((binding) => binding.required)) return 'required';
    const parameters = operation.parameters.filter((binding) => !bindings.includes(binding));
    return withoutArguments({ ...operation, parameters }, bindings);
  }
  const slimmed = operation.body === undefined ? undefined : bodyWithout(operation, operation.body, name, definitions);
  return slimmed?.required === true ? 'required' : slimmed?.operation;
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

function withoutArguments(operation: NormalizedOperation, bindings: readonly ParameterBinding[]): NormalizedOperation {
  const gone = bindings.map((binding) => binding.argument);
  const schema = operation.arguments as SchemaObject;
  return {
    ...operation,
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
): { readonly operation: NormalizedOperation; readonly required: boolean } | undefined {
  const schema = operation.arguments as SchemaObject;
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  const before = Object.hasOwn(properties, body.argument) ? properties[body.argument] : undefined;
  if (before === undefined) return undefined;
  const slimmed = schemaWithout(before, name, definitions, new Set());
  if (slimmed === undefined) return undefined;
  const exampleBody = operation.example[body.argument];
  const isRecord = typeof exampleBody === 'object' && exampleBody !== null && !Array.isArray(exampleBody);
  return {
    required: slimmed.required,
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
): { readonly schema: JsonSchema; readonly required: boolean } | undefined {
  if (typeof schema === 'boolean') return undefined;
  let found = false;
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
      found = true;
      required = inner.required;
    }
  }
  const properties = result.properties as Readonly<Record<string, unknown>> | undefined;
  if (properties !== undefined && Object.hasOwn(properties, name)) {
    result.properties = without(properties, [name]);
    found = true;
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
      found ||= inner !== undefined;
      required ||= inner?.required === true;
      return inner?.schema ?? part;
    });
  }
  return found ? { schema: result, required } : undefined;
}
