/**
 * Bodies of XML. Text is sent as it is. An object is written by OpenAPI's XML Object (3.1 section 4.8.26) as far as the
 * argument's own schema shows it: a property is an element, a list repeats its element, `xml.name`, `xml.attribute`
 * and `xml.wrapped` are followed. The root is named by `xml.name`, or after the schema that is referred to. Namespaces,
 * and `xml` keywords behind a further `$ref`, are not followed: where they matter, the caller gives the text.
 */

import type { BodyBinding, EndpointDescriptor } from '../../generated/contract.js';
import { invalidArgument } from './invalid-argument.js';
import { scalarText } from './scalar-text.js';

type Schema = Readonly<Record<string, unknown>>;

/** @throws GatewayError INVALID_ARGUMENTS where a name or a character has no place in XML 1.0. */
export function xmlBody(endpoint: EndpointDescriptor, body: BodyBinding, value: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');

  const schema = member(member(asSchema(endpoint.arguments), 'properties'), body.argument);
  const fail = (fault: string): Error =>
    invalidArgument(body.argument, fault, 'give the body as xml text, or as an object that xml can hold');
  const root = xmlName(schema) ?? nameOfReference(schema) ?? 'root';
  const text = element(root, value, schema, fail);
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`, 'utf8');
}

function element(name: string, value: unknown, schema: Schema, fail: (fault: string) => Error): string {
  assertName(name, fail);
  if (value === null || value === undefined) return `<${name}/>`;
  if (typeof value !== 'object') return `<${name}>${escapeText(scalarText(value), fail)}</${name}>`;
  if (Array.isArray(value)) {
    const items = member(schema, 'items');
    const inner = value.map((item) => element(xmlName(items) ?? name, item, items, fail)).join('');
    return `<${name}>${inner}</${name}>`;
  }

  const properties = member(schema, 'properties');
  let attributes = '';
  let content = '';
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const property = member(properties, key);
    const { attribute, wrapped } = member(property, 'xml');
    const itemName = xmlName(property) ?? key;
    if (attribute === true) {
      assertName(itemName, fail);
      attributes += ` ${itemName}="${escapeText(scalarText(item), fail)}"`;
    } else if (Array.isArray(item) && wrapped !== true) {
      const items = member(property, 'items');
      content += item.map((entry) => element(xmlName(items) ?? itemName, entry, items, fail)).join('');
    } else {
      content += element(itemName, item, property, fail);
    }
  }
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}

function member(schema: Schema, name: string): Schema {
  return Object.hasOwn(schema, name) ? asSchema(schema[name]) : {};
}

function xmlName(schema: Schema): string | undefined {
  const { name } = member(schema, 'xml');
  return typeof name === 'string' ? name : undefined;
}

function nameOfReference(schema: Schema): string | undefined {
  const reference = schema['$ref'];
  return typeof reference === 'string' ? reference.split('/').at(-1) : undefined;
}

function assertName(name: string, fail: (fault: string) => Error): void {
  if (!/^[\p{L}_][\p{L}\p{N}_.\-:]*$/u.test(name))
    throw fail(`has the name ${JSON.stringify(name)}, which is none in xml`);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

function escapeText(text: string, fail: (fault: string) => Error): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is being refused (XML 1.0 section 2.2)
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.test(text)) {
    throw fail('has a character that xml cannot hold');
  }
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
