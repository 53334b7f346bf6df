/**
 * The types of one operation as TypeScript source: of its arguments, named as its bindings name them, and of its answer.
 * Both point into `types.ts`. What that file has no type for gets one from the argument's own schema, where that is
 * simple, else `unknown`.
 */

import type { JsonSchema, ParameterBinding } from '../contract.js';
import type { NormalizedOperation } from '../normalize/normalized-document.js';
import { schemaType } from './schema-type.js';
import { literal } from './source-text.js';
import { followed, isObject, type JsonObject, type TypesDocument } from './types-document.js';

export interface OperationTypes {
  /** Members of an interface. */
  readonly arguments: readonly { readonly name: string; readonly optional: boolean; readonly type: string }[];
  readonly answer: string;
}

/** `types` is undefined where there are none for the provider. */
export function operationTypes(
  operation: NormalizedOperation,
  definitions: Readonly<Record<string, JsonSchema>>,
  types: TypesDocument | undefined,
): OperationTypes {
  const schema = operation.arguments as { readonly properties?: object; readonly required?: readonly string[] };
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>;
  const method = operation.method.toLowerCase();
  const paths = types?.document.paths as JsonObject | undefined;
  const item = paths !== undefined && Object.hasOwn(paths, operation.path) ? paths[operation.path] : undefined;
  const typed = isObject(item) && METHODS.has(method) && isObject(item[method]) ? item[method] : undefined;
  const access = `paths[${literal(operation.path)}][${literal(method)}]`;
  const bindings = new Map(operation.parameters.map((binding) => [binding.argument, binding]));
  const typeOf = (name: string, argument: JsonSchema): string => {
    const binding = bindings.get(name);
    const pointed =
      types === undefined || typed === undefined || !isObject(item)
        ? undefined
        : binding !== undefined
          ? parameterType(binding, [...listOf(item.parameters), ...listOf(typed.parameters)], access, types)
          : bodyType(operation, typed, access, types);
    return pointed ?? schemaType(argument, definitions);
  };
  return {
    arguments: Object.entries(properties).map(([name, argument]) => ({
      name,
      optional: !(schema.required ?? []).includes(name),
      type: typeOf(name, argument),
    })),
    answer: (types !== undefined && typed !== undefined && answerType(typed, access, types)) || 'unknown',
  };
}

/** The methods that openapi-typescript makes types of. */
const METHODS = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);

function parameterType(
  binding: ParameterBinding,
  parameters: readonly unknown[],
  access: string,
  { document }: TypesDocument,
): string | undefined {
  const group = parameters
    .map((parameter) => followed(document, parameter))
    .filter((parameter) => parameter?.in === binding.in);
  if (!group.some((parameter) => parameter?.name === binding.name)) return undefined;
  const all = `${access}["parameters"][${literal(binding.in)}]`;
  // Whether the group as a whole may be absent depends on all of its members; NonNullable fits either way.
  return `${binding.in === 'path' ? all : `NonNullable<${all}>`}[${literal(binding.name)}]`;
}

function bodyType(
  operation: NormalizedOperation,
  typed: JsonObject,
  access: string,
  { document, directional }: TypesDocument,
): string | undefined {
  const { body } = operation;
  // Text, XML and bytes are one string; a file is base64 or a described file. The document's types know none of that.
  const isStructured = body?.encoding === 'json' || body?.encoding === 'form' || body?.encoding === 'multipart';
  const hasFiles = Object.values(body?.fields ?? {}).some((field) => field.binary === true);
  if (body === undefined || !isStructured || hasFiles) return undefined;
  const content = followed(document, typed.requestBody)?.content;
  if (!isObject(content)) return undefined;
  const key = Object.keys(content).find((each) => sameMediaType(each, body.contentType));
  const media = key === undefined ? undefined : content[key];
  if (key === undefined || !isObject(media) || media.schema === undefined) return undefined;
  const type = inDirection(
    'Writable',
    `NonNullable<${access}["requestBody"]>["content"][${literal(key)}]`,
    directional,
  );
  const fixed = Object.keys(body.fixed ?? {});
  return fixed.length === 0 ? type : `Without<${type}, ${fixed.map((name) => literal(name)).join(' | ')}>`;
}

/** The union of what the successful answers carry; `default` counts where the document has no other success. */
function answerType(typed: JsonObject, access: string, { document, directional }: TypesDocument): string | undefined {
  const responses = isObject(typed.responses) ? typed.responses : {};
  const successes = Object.keys(responses).filter((status) => /^2(\d\d|XX)$/i.test(status));
  const chosen = successes.length > 0 ? successes : Object.hasOwn(responses, 'default') ? ['default'] : [];
  const alternatives = chosen.flatMap((status) => {
    const content = followed(document, responses[status])?.content;
    const [key] = isObject(content) ? preferredFirst(Object.keys(content)) : [];
    if (key === undefined) return [];
    return [
      inDirection('Readable', `${access}["responses"][${literal(status)}]["content"][${literal(key)}]`, directional),
    ];
  });
  return alternatives.length === 0 ? undefined : alternatives.join(' | ');
}

/** JSON first, as it is what can be given a type worth having. */
function preferredFirst(mediaTypes: readonly string[]): readonly string[] {
  const json = mediaTypes.filter((type) => /[/+]json\b/i.test(type));
  return [...json, ...mediaTypes];
}

function inDirection(direction: 'Readable' | 'Writable', type: string, directional: boolean): string {
  return directional ? `${direction}<${type}>` : type;
}

function sameMediaType(left: string, right: string): boolean {
  return left.replace(/\s/g, '').toLowerCase() === right.replace(/\s/g, '').toLowerCase();
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
