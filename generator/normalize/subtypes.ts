/**
 * Subtypes behind a `discriminator` (OpenAPI 3.1 section 4.8.25; Swagger 2.0, Schema Object). A base names a property
 * whose value tells them apart, and other named schemas extend the base by `allOf`; the base itself never lists them.
 * Where the base is what is asked for, a choice stands in its place: each of its subtypes, and the base for any other
 * value. The choice is written as a Schema Object of the document's own form, so that it is read like any other.
 */

import { escapeToken, pointerTokens } from '../load/json-pointer.js';
import { arrayOr, isObject, objectOr, own, setOwn, textOr, type JsonObject } from './json-value.js';
import type { References, Target } from './references.js';

/** Subtypes of one base that are listed, and characters of JSON of all that their schemas lead to. */
const MAX_SUBTYPES = 64;
const MAX_CHARACTERS = 60_000;
/** Schemas that are followed from one to what it extends, or to what extends it. */
const MAX_FOLLOWED = 1_000;
/** Compositions within one another that are looked through for a property, or for what a schema extends. */
const MAX_LEVELS = 8;
/** Azure's word for the value of one subtype. */
const VALUE_EXTENSION = 'x-ms-discriminator-value';

/** A base that has subtypes: what stands in its place, or why nothing does. */
export type Subtypes = { readonly choice: Target } | { readonly found: string; readonly tooLarge: string };

interface Named extends Target {
  readonly value: JsonObject;
  /** What it extends by `allOf`, and what extends it. */
  readonly parents: Set<Named>;
  readonly children: Set<Named>;
}

/** A choice of the schemas that stand under such a pointer, which no document has. */
const SUFFIX = '#subtypes';

export class SubtypeIndex {
  readonly #references: References;
  readonly #upgrade: (schema: JsonObject) => JsonObject;
  readonly #named = new Map<string, Named>();
  readonly #subtypes = new Map<string, Subtypes | undefined>();
  /** The schemas with a discriminator, and all that extend them. */
  readonly #families = new Set<Named>();
  /** What a schema says by itself: its length, and where its references lead. */
  readonly #extents = new Map<string, { readonly length: number; readonly leadsTo: readonly Target[] }>();

  /** @param pointers to the document's named schemas: no other can be a subtype */
  constructor(references: References, upgrade: (schema: JsonObject) => JsonObject, pointers: Iterable<string>) {
    this.#references = references;
    this.#upgrade = upgrade;
    const targets = [...pointers].flatMap((pointer) => references.resolve(referenceTo(pointer)) ?? []);
    // Most documents have no discriminator, and nothing to look for.
    if (!targets.some(({ value }) => isObject(value) && Object.hasOwn(value, 'discriminator'))) return;
    for (const { value, pointer } of targets) {
      if (!isObject(value)) continue;
      this.#named.set(pointer, { value, pointer, parents: new Set(), children: new Set() });
    }
    for (const named of this.#named.values()) {
      for (const part of this.#inlineParts(named.value)) {
        for (const member of arrayOr(own(part, 'allOf'))) {
          const target = references.follow(member);
          const parent = target === undefined ? undefined : this.#named.get(target.pointer);
          if (parent === undefined || parent === named) continue;
          named.parents.add(parent);
          parent.children.add(named);
        }
      }
    }
    for (const named of this.#named.values()) {
      if (discriminatorOf(named).length > 0 && !listsAlternatives(named.value)) this.#families.add(named);
    }
    for (const named of this.#families) for (const child of named.children) this.#families.add(child);
  }

  /** The subtypes of what a reference leads to; `undefined` where it has none, or lists them itself. */
  of({ pointer }: Target): Subtypes | undefined {
    const base = this.#named.get(pointer);
    if (base === undefined) return undefined;
    if (!this.#subtypes.has(pointer)) this.#subtypes.set(pointer, this.#find(base));
    return this.#subtypes.get(pointer);
  }

  #find(base: Named): Subtypes | undefined {
    if (!this.#families.has(base) || listsAlternatives(base.value)) return undefined;
    const ancestors = reached(base, ({ parents }) => parents);
    const discriminators = [base, ...ancestors]
      .filter(({ value }) => !listsAlternatives(value))
      .flatMap(discriminatorOf);
    const property = discriminators[0]?.property;
    if (property === undefined) return undefined;
    const mapped = this.#mapped(discriminators.filter((one) => one.property === property));
    const descendants = reached(base, ({ children }) => children);
    // A mapping of an ancestor is about that one's subtypes; one of its own may lead to any schema.
    const own = this.#mapped(discriminatorOf(base));
    const named = [...own.keys()].flatMap((pointer) => this.#named.get(pointer) ?? []);
    const subtypes = [...new Set([...descendants, ...named])].filter((one) => one !== base && !ancestors.includes(one));
    if (subtypes.length === 0) return undefined;
    const { length } = subtypes;
    const found = length < MAX_FOLLOWED ? `${length} ${length === 1 ? 'subtype' : 'subtypes'}` : 'very many subtypes';
    if (length > MAX_SUBTYPES) {
      return { found, tooLarge: `no more than ${MAX_SUBTYPES} subtypes of one schema are listed` };
    }
    if (!this.#isWithinLimit(subtypes)) {
      const tooLarge = `all that they lead to is longer than ${MAX_CHARACTERS} characters of JSON`;
      return { found, tooLarge };
    }
    const value = this.#choice(base, subtypes, property, mapped);
    return { choice: { value, pointer: `${base.pointer}${SUFFIX}` } };
  }

  #choice(
    base: Named,
    subtypes: readonly Named[],
    property: string,
    mapped: ReadonlyMap<string, readonly string[]>,
  ): JsonObject {
    const declared = this.#property(base.value, property);
    const admitted = valuesOf(declared);
    const marks = Object.fromEntries(
      ['readOnly', 'writeOnly'].filter((mark) => declared?.[mark] === true).map((mark) => [mark, true]),
    );
    const examples = Object.fromEntries(
      ['example', 'examples'].filter((key) => Object.hasOwn(base.value, key)).map((key) => [key, base.value[key]]),
    );
    const taken = new Set<unknown>();
    const withProperty = ({ pointer }: Named, said: JsonObject, required: boolean): JsonObject => {
      const properties: Record<string, unknown> = {};
      setOwn(properties, property, { ...said, ...marks });
      const allOf = [{ $ref: referenceTo(pointer) }];
      return { allOf, properties, ...(required ? { required: [property] } : {}) };
    };
    const alternatives = subtypes.map((subtype) => {
      const values = this.#valuesOf(subtype, property, declared, mapped);
      for (const value of values) taken.add(value);
      if (values.length === 0) return { $ref: referenceTo(subtype.pointer) };
      return withProperty(subtype, values.length === 1 ? { const: values[0] } : { enum: values }, true);
    });
    // Where no value is left for it, the base stands for its subtypes alone.
    const isAbstract =
      this.#requires(base.value, property) &&
      !isNullable(base.value) &&
      admitted !== undefined &&
      admitted.every((value) => taken.has(value));
    if (isAbstract) return { ...examples, anyOf: alternatives };
    const self =
      taken.size === 0 ? { $ref: referenceTo(base.pointer) } : withProperty(base, { not: { enum: [...taken] } }, false);
    return { ...examples, anyOf: [...alternatives, self] };
  }

  /** The values of the property that mean this subtype; none where the document does not say. */
  #valuesOf(
    subtype: Named,
    property: string,
    inherited: JsonObject | undefined,
    mapped: ReadonlyMap<string, readonly string[]>,
  ): readonly unknown[] {
    const extension = textOr(own(subtype.value, VALUE_EXTENSION));
    const name = pointerTokens(subtype.pointer).at(-1) ?? '';
    const candidates = mapped.get(subtype.pointer) ?? [extension ?? name];
    const redeclared = this.#inlineParts(subtype.value).flatMap((part) => {
      const declared = own(objectOr(own(part, 'properties')), property);
      return declared === undefined ? [] : [objectOr(this.#references.follow(declared)?.value)];
    });
    const declared = redeclared.find((one) => valuesOf(one) !== undefined) ?? inherited ?? {};
    const admitted = valuesOf(declared);
    const type = own(declared, 'type');
    if (type !== undefined && ![type].flat().includes('string')) return [];
    if (admitted === undefined) return candidates;
    const both = candidates.filter((value) => admitted.includes(value));
    // Its own list of several values may be that of all, written again.
    return both.length > 0 || declared === inherited || admitted.length > 1 ? both : admitted;
  }

  /** Pointers of the schemas that mappings name, each with its values. */
  #mapped(discriminators: readonly Discriminator[]): ReadonlyMap<string, readonly string[]> {
    const mapped = new Map<string, string[]>();
    for (const [value, reference] of discriminators.flatMap(({ mapping }) => Object.entries(mapping))) {
      if (typeof reference !== 'string') continue;
      const pointers = reference.startsWith('#')
        ? [this.#references.follow({ $ref: reference })?.pointer]
        : ['components/schemas', 'definitions'].map((place) => `/${place}/${escapeToken(reference)}`);
      const pointer = pointers.find((one) => one !== undefined && this.#named.has(one));
      if (pointer === undefined) continue;
      const values = mapped.get(pointer) ?? [];
      if (!values.includes(value)) mapped.set(pointer, [...values, value]);
    }
    return mapped;
  }

  /** What the schema and all that it extends say of the property, the nearest first. */
  #property(schema: JsonObject, name: string): JsonObject | undefined {
    for (const part of this.#parts(schema)) {
      const property = own(objectOr(own(part, 'properties')), name);
      if (property === undefined) continue;
      const target = this.#references.follow(property)?.value;
      return isObject(target) ? this.#upgrade(target) : {};
    }
    return undefined;
  }

  #requires(schema: JsonObject, name: string): boolean {
    return [...this.#parts(schema)].some((part) => arrayOr(own(part, 'required')).includes(name));
  }

  /** The schema and the members of its `allOf`, and theirs; those behind references too. */
  #parts(schema: unknown, parts = new Set<JsonObject>(), depth = 0): ReadonlySet<JsonObject> {
    const value = this.#references.follow(schema)?.value;
    if (!isObject(value) || parts.has(value) || depth > MAX_LEVELS || parts.size > MAX_FOLLOWED) return parts;
    parts.add(value);
    for (const member of arrayOr(own(value, 'allOf'))) this.#parts(member, parts, depth + 1);
    return parts;
  }

  /** The same, but only what is written in the schema itself. */
  #inlineParts(schema: JsonObject, depth = 0): readonly JsonObject[] {
    if (depth > MAX_LEVELS) return [];
    const members = arrayOr(own(schema, 'allOf')).filter(isObject);
    const written = members.filter((member) => typeof own(member, '$ref') !== 'string');
    return [schema, ...written.flatMap((member) => this.#inlineParts(member, depth + 1))];
  }

  /** Counts all that can be reached, with the subtypes of each base on the way. */
  #isWithinLimit(subtypes: readonly Named[]): boolean {
    const seen = new Set<string>();
    const pending: Target[] = [...subtypes];
    let length = 0;
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (seen.has(next.pointer)) continue;
      seen.add(next.pointer);
      const extent = this.#extent(next);
      length += extent.length;
      if (length > MAX_CHARACTERS) return false;
      pending.push(...extent.leadsTo);
      const named = this.#named.get(next.pointer);
      if (named !== undefined && this.#families.has(named)) pending.push(...named.children);
    }
    return true;
  }

  #extent(target: Target): { readonly length: number; readonly leadsTo: readonly Target[] } {
    const known = this.#extents.get(target.pointer);
    if (known !== undefined) return known;
    const leadsTo: Target[] = [];
    const text = JSON.stringify(target.value, (key, value: unknown) => {
      const to = key === '$ref' && typeof value === 'string' ? this.#references.resolve(value) : undefined;
      if (to !== undefined) leadsTo.push(to);
      return value;
    });
    const extent = { length: text.length, leadsTo };
    this.#extents.set(target.pointer, extent);
    return extent;
  }
}

/** Whether the pointer is that of a choice. */
export function isChoice(pointer: string): boolean {
  return pointer.endsWith(SUFFIX);
}

/** The pointer of the base that a choice is of. */
export function baseOf(pointer: string): string {
  return pointer.slice(0, -SUFFIX.length);
}

interface Discriminator {
  readonly property: string;
  readonly mapping: JsonObject;
}

/** In Swagger 2.0 it is the property's name alone. */
function discriminatorOf({ value }: Named): readonly Discriminator[] {
  const given = own(value, 'discriminator');
  const property = textOr(isObject(given) ? own(given, 'propertyName') : given);
  return property === undefined ? [] : [{ property, mapping: objectOr(objectOr(given)['mapping']) }];
}

function listsAlternatives(schema: JsonObject): boolean {
  return ['oneOf', 'anyOf'].some((keyword) => arrayOr(own(schema, keyword)).length > 0);
}

function isNullable(schema: JsonObject): boolean {
  const types = [own(schema, 'type')].flat();
  return own(schema, 'nullable') === true || own(schema, 'x-nullable') === true || types.includes('null');
}

/** The values that a property may have, where they are listed. */
function valuesOf(property: JsonObject | undefined): readonly unknown[] | undefined {
  if (property === undefined) return undefined;
  if (Object.hasOwn(property, 'const')) return [property['const']];
  const values = own(property, 'enum');
  return Array.isArray(values) && values.length > 0 ? (values as unknown[]) : undefined;
}

/** All that can be reached over the schemas of one kind, the nearest first, without the schema itself. */
function reached(start: Named, next: (named: Named) => Iterable<Named>): readonly Named[] {
  const seen = new Set<Named>([start]);
  for (const named of seen) {
    for (const one of next(named)) {
      if (seen.size <= MAX_FOLLOWED) seen.add(one);
    }
  }
  seen.delete(start);
  return [...seen];
}

function referenceTo(pointer: string): string {
  return `#${pointer.replaceAll('%', '%25')}`;
}
