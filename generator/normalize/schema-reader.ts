/**
 * Schema Objects → JSON Schema 2020-12 as validators take it: the vocabulary of OpenAPI is gone, what real documents
 * break is repaired or dropped with a finding, and every result compiles. Shared schemas stay shared: a `$ref` becomes
 * `#/$defs/<name>`, and what it leads to one definition, or two where a request and a response see it differently
 * (`readOnly`, `writeOnly`). Nothing is inlined but the cut of a circle, so results stay about as large as the input.
 */

import { Choices } from './choices.js';
import { definitionReference } from './definition-name.js';
import { DefinitionNames } from './definition-names.js';
import { show } from './clean-text.js';
import { arrayOr, isObject, objectOr, own, setOwn, type JsonObject } from './json-value.js';
import { KeywordReader, type Reading } from './keyword-reader.js';
import { reconcileKeywords } from './reconcile-keywords.js';
import type { References, Target } from './references.js';
import type { Reporter } from './reporter.js';
import { isClosed, piecemealClosure } from './closed-composition.js';
import { checkPattern, type PatternCheck } from './safe-pattern.js';
import {
  childPointer,
  extendsWithin,
  SAYS_NOTHING,
  SchemaGraph,
  SUBSCHEMAS,
  weaker,
  type Application,
} from './schema-graph.js';
import { dropFrom, REMEDIES } from './schema-loss.js';
import { baseOf, isChoice, SubtypeIndex } from './subtypes.js';
import type { JsonSchema } from '../contract.js';

export type Side = 'request' | 'response';

/** Levels of one schema without a reference. Validators recurse over them when they compile. */
const MAX_LEVELS = 60;

interface Where {
  readonly pointer: string;
  readonly side: Side;
  readonly level: number;
  /** The shared schema that is being read, and how what is read here applies to it. */
  readonly scope: Target | undefined;
  readonly applies: Application;
  /** Inside the cut of a circle: the schemas that are written out already. */
  readonly cut: Set<string> | undefined;
  /** Names that a neighbour under `allOf` has removed from its properties. */
  readonly removed: ReadonlySet<string>;
  /** Under an `allOf` that is closed as a whole: its members are not closed each by itself. */
  readonly isOpen: boolean;
  /** Where what is referred to is extended: it stands for itself, and for none of its subtypes. */
  readonly isBase: boolean;
}

const NOTHING_REMOVED: ReadonlySet<string> = new Set();

export class SchemaReader {
  readonly #references: References;
  readonly #reporter: Reporter;
  readonly #upgrade: (schema: JsonObject) => JsonObject;
  readonly #subtypes: SubtypeIndex;
  readonly #graph: SchemaGraph;
  readonly #names: DefinitionNames;
  readonly #definitions = new Map<string, JsonSchema>();
  readonly #pending: { name: string; target: Target; side: Side; isOpen: boolean }[] = [];
  readonly #unlisted = new Set<string>();
  readonly #keywords: KeywordReader;
  readonly #choices: Choices;
  readonly #patterns = new Map<string, PatternCheck>();

  /**
   * @param upgrade brings one Schema Object to the form of 3.1
   * @param componentPointers the document's named schemas, whose names come first
   */
  constructor(
    references: References,
    reporter: Reporter,
    upgrade: (schema: JsonObject) => JsonObject,
    componentPointers: Iterable<string>,
  ) {
    this.#references = references;
    this.#reporter = reporter;
    this.#upgrade = upgrade;
    const pointers = [...componentPointers];
    this.#subtypes = new SubtypeIndex(references, upgrade, pointers);
    this.#graph = new SchemaGraph(references, upgrade, this.#subtypes);
    this.#names = new DefinitionNames(pointers);
    this.#keywords = new KeywordReader(reporter, (text) => this.pattern(text));
    this.#choices = new Choices(this, reporter);
  }

  /** The schema as one side sees it. What it refers to is read later, by `readPending`. */
  read(schema: unknown, side: Side, pointer: string): JsonSchema {
    return this.#convert(schema, {
      pointer,
      side,
      level: 0,
      scope: undefined,
      applies: 'part',
      cut: undefined,
      removed: NOTHING_REMOVED,
      isOpen: false,
      isBase: false,
    });
  }

  /** Reads what has been referred to since the last time, and what that refers to. */
  readPending(): void {
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      const { name, target, side, isOpen } = next;
      const where: Where = {
        pointer: isChoice(target.pointer) ? baseOf(target.pointer) : target.pointer,
        side,
        level: 0,
        scope: target,
        applies: 'all',
        cut: undefined,
        removed: NOTHING_REMOVED,
        isOpen,
        isBase: isChoice(target.pointer),
      };
      this.#definitions.set(name, this.#convert(target.value, where));
    }
    this.#choices.settle();
  }

  /** What `read` has returned, or a copy of it, as it is now that `readPending` has read what it refers to. */
  readonly settled = (schema: JsonSchema): JsonSchema => this.#choices.settled(schema);

  /** A shared schema by its name. */
  definition(name: string): JsonSchema | undefined {
    return this.#definitions.get(name);
  }

  /** All that has been read, by name, in the order of names. */
  definitions(): Readonly<Record<string, JsonSchema>> {
    const byName: Record<string, JsonSchema> = {};
    for (const name of [...this.#definitions.keys()].sort()) setOwn(byName, name, this.#definitions.get(name)!);
    return byName;
  }

  /** The Schema Object in the form of 3.1, its references followed; for a look at it before it is read. */
  look(schema: unknown, pointer: string): { readonly schema: JsonObject; readonly pointer: string } {
    const target = this.#references.follow(schema, pointer);
    if (target === undefined || !isObject(target.value)) return { schema: {}, pointer };
    return { schema: this.#upgrade(target.value), pointer: target.pointer };
  }

  /** Whether a property is the other side's alone. */
  isHidden(property: unknown, side: Side): boolean {
    return side === 'request' ? this.#graph.isReadOnly(property) : this.#graph.isWriteOnly(property);
  }

  /** Checked once a pattern, however often it occurs. */
  pattern(text: string): PatternCheck {
    let check = this.#patterns.get(text);
    if (check === undefined) {
      check = checkPattern(text);
      this.#patterns.set(text, check);
    }
    return check;
  }

  #convert(given: unknown, where: Where): JsonSchema {
    if (typeof given === 'boolean') return given;
    if (!isObject(given)) {
      if (given !== undefined && given !== null) dropFrom(this.#reporter, where.pointer, 'schema', 'it is no schema');
      return {};
    }
    if (where.level > MAX_LEVELS) {
      dropFrom(
        this.#reporter,
        where.pointer,
        'schema',
        `nested more than ${MAX_LEVELS} levels without a reference`,
        'deep-schema',
      );
      return {};
    }
    const schema = this.#upgrade(given);
    const out: Record<string, unknown> = {};
    const reference = own(schema, '$ref') ?? own(schema, '$dynamicRef') ?? own(schema, '$recursiveRef');
    if (typeof reference === 'string') this.#refer(reference, out, where);

    const reading: Reading = { schema, out, pointer: where.pointer, removed: this.#removed(schema, where) };
    const closure = where.isOpen ? undefined : piecemealClosure(schema, this.#references);
    const within: Where = closure !== undefined ? { ...where, isOpen: true } : where;
    for (const keyword of Object.keys(schema)) {
      if (keyword === '$ref' || (keyword === 'additionalProperties' && within.isOpen)) continue;
      if (Object.hasOwn(SUBSCHEMAS, keyword)) this.#subschemas(keyword, schema[keyword], reading, within);
      else this.#keywords.read(keyword, schema[keyword], reading);
    }
    if (closure !== undefined) {
      const message = 'additionalProperties refuses what other parts of the composition add; it is read as of all';
      const remedy = 'use unevaluatedProperties (OpenAPI 3.1), or list all properties in one object';
      this.#reporter.warning(where.pointer, 'closed-composition', message, remedy);
      if (closure === 'whole') out['unevaluatedProperties'] = false;
    }
    reconcileKeywords(out, where.pointer, this.#reporter);
    if (Array.isArray(out['oneOf'])) this.#choices.add(out, where.pointer);
    return out;
  }

  #refer(reference: string, out: Record<string, unknown>, where: Where): void {
    const target = this.#references.resolve(reference);
    if (target === undefined || (typeof target.value !== 'boolean' && !isObject(target.value))) {
      dropFrom(this.#reporter, where.pointer, 'schema', `${JSON.stringify(reference)} leads nowhere`, 'dangling-ref');
      return;
    }
    if (this.#saysNothing(target)) {
      const why = `${JSON.stringify(reference)} leads by references alone back to itself, so that it allows anything`;
      dropFrom(this.#reporter, where.pointer, 'schema', why, 'circular-ref');
      return;
    }
    const choice = this.#choiceOf(target, where);
    if (choice !== undefined) {
      out['$ref'] = definitionReference(this.#define(choice, where.side, false));
      return;
    }
    if (where.scope !== undefined && where.applies !== 'part') {
      if (where.cut !== undefined) {
        if (this.#graph.shareCycle(where.scope, target)) return this.#writeOut(target, out, where, where.cut);
      } else if (this.#graph.isCircular(where.scope, target, where.applies)) {
        return this.#writeOut(target, out, where, new Set([where.scope.pointer]));
      }
    }
    const isOpen = where.isOpen && isClosed(target.value, this.#references);
    out['$ref'] = definitionReference(this.#define(target, where.side, isOpen));
  }

  /** What stands in the place of a base that is not extended here: the choice of its subtypes. */
  #choiceOf(base: Target, where: Where): Target | undefined {
    const subtypes = where.isBase || where.isOpen ? undefined : this.#subtypes.of(base);
    if (subtypes === undefined) return undefined;
    if (!('choice' in subtypes)) {
      // Once a document, however many endpoints lead to it.
      if (this.#unlisted.has(base.pointer)) return undefined;
      this.#unlisted.add(base.pointer);
      this.#reporter.loss(base.pointer, {
        rule: 'unlisted-subtypes',
        what: `${subtypes.found} of ${this.#names.name(base.pointer)}`,
        why: subtypes.tooLarge,
        remedy: REMEDIES['unlisted-subtypes'],
      });
      return undefined;
    }
    const { choice } = subtypes;
    if (where.scope === undefined || where.applies === 'part') return choice;
    const isCircle =
      where.cut !== undefined
        ? this.#graph.shareCycle(where.scope, choice)
        : this.#graph.isCircular(where.scope, choice, where.applies);
    return isCircle ? undefined : choice;
  }

  /** Whether a chain of references goes round, and nothing stands beside any of them that a value could break. */
  #saysNothing(first: Target): boolean {
    const seen = new Set<string>();
    for (let target: Target | undefined = first; target !== undefined;) {
      if (seen.has(target.pointer)) return true;
      seen.add(target.pointer);
      if (!isObject(target.value)) return false;
      const schema = this.#upgrade(target.value);
      const reference = own(schema, '$ref');
      if (typeof reference !== 'string' || !Object.keys(schema).every((name) => SAYS_NOTHING.has(name))) return false;
      target = this.#references.resolve(reference);
    }
    return false;
  }

  /**
   * Cuts a circle: in place of the reference stands what the schema says by itself. All that its circle adds stands
   * there once, so the meaning of a chain of `allOf` is kept.
   */
  #writeOut(target: Target, out: Record<string, unknown>, where: Where, cut: Set<string>): void {
    if (cut.has(target.pointer)) return;
    cut.add(target.pointer);
    const inner: Where = {
      ...where,
      pointer: target.pointer,
      level: where.level + 1,
      scope: target,
      applies: 'all',
      cut,
    };
    out['allOf'] = [this.#convert(target.value, inner)];
  }

  #define(target: Target, side: Side, isOpen: boolean): string {
    const ofSubtypes = isChoice(target.pointer);
    const pointer = ofSubtypes ? baseOf(target.pointer) : target.pointer;
    const variant = [
      ...(ofSubtypes ? ['subtypes'] : []),
      ...(this.#graph.differs(target) ? [side] : []),
      ...(isOpen ? ['open'] : []),
    ].join('.');
    const name = variant === '' ? this.#names.name(pointer) : this.#names.variantName(pointer, variant);
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, {});
      this.#pending.push({ name, target, side, isOpen });
    }
    return name;
  }

  /** Names of properties that this side does not see, here and in the members of `allOf`: none may be required. */
  #removed(schema: JsonObject, where: Where): ReadonlySet<string> {
    if (!Object.hasOwn(schema, 'required') && !Object.hasOwn(schema, 'allOf')) return where.removed;
    const names = new Set<string>(where.removed);
    const seen = new Set<unknown>();
    const collect = (given: unknown, depth: number): void => {
      if (!isObject(given) || depth > MAX_LEVELS || seen.has(given)) return;
      seen.add(given);
      for (const [name, property] of Object.entries(objectOr(own(given, 'properties')))) {
        if (this.isHidden(property, where.side)) names.add(name);
      }
      for (const member of arrayOr(own(given, 'allOf'))) {
        collect(this.#references.follow(member)?.value, depth + 1);
      }
    };
    collect(schema, 0);
    return names;
  }

  /** Reads a keyword that holds schemas. */
  #subschemas(keyword: string, value: unknown, { schema, out, removed }: Reading, where: Where): void {
    const { applies: how, holds } = SUBSCHEMAS[keyword]!;
    const applies = weaker(where.applies, how);
    const isBase =
      (where.scope !== undefined && isChoice(where.scope.pointer)) ||
      extendsWithin(keyword, schema, where.applies, where.isBase);
    const inner = (child?: string | number): Where => ({
      ...where,
      pointer: childPointer(where.pointer, keyword, child),
      level: where.level + 1,
      applies,
      cut: applies === 'part' ? undefined : where.cut,
      removed: how === 'all' ? removed : NOTHING_REMOVED,
      isOpen: how === 'all' && where.isOpen,
      isBase,
    });
    if (keyword === 'items' && Array.isArray(value)) {
      // The form of older drafts: a schema for each place, and `additionalItems` for the rest.
      if (value.length > 0) out['prefixItems'] = value.map((item, index) => this.#convert(item, inner(index)));
      const rest = own(schema, 'additionalItems');
      if (rest !== undefined) out['items'] = this.#convert(rest, inner());
      return;
    }
    if (holds === 'one') {
      if (typeof value === 'boolean' || isObject(value)) {
        if (how === 'any' && this.#closesCircle(value, where, applies)) return;
        out[keyword] = this.#convert(value, inner());
      } else if (value !== null) {
        dropFrom(this.#reporter, where.pointer, keyword, `${show(value)} is no schema`);
      }
      return;
    }
    if (holds === 'list') {
      const members = Array.isArray(value) ? (value as unknown[]) : isObject(value) ? [value] : [];
      if (how === 'any' && members.some((member) => this.#closesCircle(member, where, applies))) return;
      const converted = members.map((member, index) => this.#convert(member, inner(index)));
      const kept = keyword === 'allOf' ? [...arrayOr(out['allOf']), ...converted.filter(saysSomething)] : converted;
      if (kept.length > 0) out[keyword] = kept;
      return;
    }
    if (!isObject(value)) {
      if (value !== null) dropFrom(this.#reporter, where.pointer, keyword, `${show(value)} is no object of schemas`);
      return;
    }
    out[keyword] =
      keyword === 'patternProperties'
        ? this.#patternProperties(value, where.pointer, inner)
        : this.#named(keyword, value, where.side, inner);
  }

  /** Schemas by names: `properties`, and the others of its form. */
  #named(keyword: string, value: JsonObject, side: Side, inner: (name: string) => Where): JsonObject {
    const map: Record<string, unknown> = {};
    for (const [name, child] of Object.entries(value)) {
      const where = inner(name);
      if (keyword === 'properties') {
        if (this.isHidden(child, side)) continue;
        if (isObject(child) && child['required'] === true && !isObject(child['properties'])) {
          this.#reporter.warning(
            where.pointer,
            'invalid-schema',
            '"required": true on a property means nothing',
            "list the property under its object's required",
          );
        }
      }
      setOwn(map, name, this.#convert(child, where));
    }
    return map;
  }

  #patternProperties(value: JsonObject, pointer: string, inner: (name: string) => Where): JsonObject {
    const map: Record<string, unknown> = {};
    for (const [name, child] of Object.entries(value)) {
      const check = this.pattern(name);
      // A weaker pattern would bind properties that the document leaves free.
      const fault = 'fault' in check ? check.fault : check.weaker;
      if ('pattern' in check && fault === undefined) setOwn(map, check.pattern, this.#convert(child, inner(name)));
      else {
        const why = `${show(name)}: ${String(fault)}`;
        dropFrom(this.#reporter, pointer, 'patternProperties', why, 'unusable-pattern');
      }
    }
    return map;
  }

  /** Whether a condition or an alternative leads back to what is being read: then the whole keyword says nothing. */
  #closesCircle(member: unknown, where: Where, applies: Application): boolean {
    if (where.scope === undefined || applies === 'part' || !isObject(member)) return false;
    const reference = own(member, '$ref');
    const target = typeof reference === 'string' ? this.#references.resolve(reference) : undefined;
    if (target === undefined) return false;
    if (where.cut !== undefined) return this.#graph.shareCycle(where.scope, target);
    return this.#graph.isCircular(where.scope, target, applies);
  }
}

function saysSomething(schema: JsonSchema): boolean {
  return schema !== true && !(typeof schema === 'object' && Object.keys(schema).length === 0);
}
