/**
 * Schema Objects → JSON Schema 2020-12 as validators take it: the vocabulary of OpenAPI is gone, what real documents
 * break is repaired or dropped with a finding, and every result compiles. Shared schemas stay shared: a `$ref` becomes
 * `#/$defs/<name>`, and what it leads to one definition, or two where a request and a response see it differently
 * (`readOnly`, `writeOnly`). Nothing is inlined but the cut of a circle, so results stay about as large as the input.
 */

import { cleanText, cleanLine, MAX_LENGTH } from './clean-text.js';
import { DefinitionNames } from './definition-names.js';
import { arrayOr, isFiniteNumber, isObject, objectOr, own, setOwn, type JsonObject } from './json-value.js';
import type { References, Target } from './references.js';
import { fullExample } from './example-value.js';
import type { Reporter } from './reporter.js';
import { isClosed, piecemealClosure } from './closed-composition.js';
import { satisfies } from './satisfies.js';
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
import { baseOf, isChoice, SubtypeIndex } from './subtypes.js';
import type { JsonSchema } from '../contract.js';

export type Side = 'request' | 'response';

/** Levels of one schema without a reference. Validators recurse over them when they compile. */
const MAX_LEVELS = 60;
/** Examples of one schema that are kept, and the length of each as JSON. */
const MAX_EXAMPLES = 3;
const MAX_EXAMPLE_LENGTH = 500;

/** Alternatives of one choice that are tried against each other, and steps of that: for one choice, and for all. */
const MAX_BRANCHES = 20;
const MAX_CHOICE_STEPS = 20_000;
const MAX_CHOICES_STEPS = 2_000_000;

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'];
/** What documents write and what they mean by it. */
const TYPE_REPAIRS: Readonly<Record<string, readonly [type: string, format?: string]>> = {
  int: ['integer'],
  int32: ['integer', 'int32'],
  int64: ['integer', 'int64'],
  long: ['integer', 'int64'],
  float: ['number', 'float'],
  double: ['number', 'double'],
  decimal: ['number'],
  bool: ['boolean'],
  str: ['string'],
  text: ['string'],
  char: ['string'],
  enum: ['string'],
  uuid: ['string', 'uuid'],
  date: ['string', 'date'],
  datetime: ['string', 'date-time'],
  'date-time': ['string', 'date-time'],
  timestamp: ['string'],
  uri: ['string', 'uri'],
  url: ['string', 'uri'],
  password: ['string'],
  file: ['string'],
  binary: ['string'],
  dict: ['object'],
  map: ['object'],
  hash: ['object'],
  json: ['object'],
  list: ['array'],
};

/** RFC 9562 section 4: 32 digits and four hyphens. */
const UUID_LENGTH = 36;

const COUNTS = new Set(
  'minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains'.split(' '),
);
const LIMITS = new Set('minimum maximum exclusiveMinimum exclusiveMaximum'.split(' '));
const FLAGS = new Set('uniqueItems deprecated readOnly writeOnly'.split(' '));
const NAMES = new Set('format contentMediaType contentEncoding'.split(' '));

type SchemaLoss =
  'invalid-schema' | 'deep-schema' | 'dangling-ref' | 'circular-ref' | 'unusable-pattern' | 'unlisted-subtypes';

const REMEDIES: Readonly<Record<SchemaLoss, string>> = {
  'invalid-schema': 'write it as the JSON Schema of the OpenAPI version says, or remove it',
  'deep-schema': 'name the inner schemas under components and refer to them',
  'dangling-ref': 'correct the $ref, or add what it refers to',
  'circular-ref': 'write the schema that is meant in place of one of these references',
  'unusable-pattern':
    'write the pattern without look-around, back-references and counts above 1000; the service checks too',
  'unlisted-subtypes': 'list those that callers need under oneOf, in an overlay',
};

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
  #choiceSteps = MAX_CHOICES_STEPS;
  readonly #ambiguous = new WeakSet<object>();
  readonly #choices: { schema: Record<string, unknown>; pointer: string }[] = [];
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
  }

  /** The schema as one side sees it. What it refers to is read later, by `readPending`. */
  read(schema: unknown, side: Side, pointer: string): JsonSchema {
    const scope = undefined;
    return this.#convert(schema, {
      pointer,
      side,
      level: 0,
      scope,
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
    // What an alternative allows is known only now that all it refers to has been read.
    for (const { schema, pointer } of this.#choices.splice(0)) this.#widenChoice(schema, pointer);
  }

  /** What `read` has returned, or a copy of it, as it is now that `readPending` has read what it refers to. */
  readonly settled = (schema: JsonSchema): JsonSchema => {
    const branches = typeof schema === 'boolean' ? undefined : schema['oneOf'];
    return Array.isArray(branches) && this.#ambiguous.has(branches) ? widened(schema as JsonObject) : schema;
  };

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
      if (given !== undefined && given !== null) this.#drop(where, 'schema', 'it is no schema');
      return {};
    }
    if (where.level > MAX_LEVELS) {
      this.#drop(where, 'schema', `nested more than ${MAX_LEVELS} levels without a reference`, 'deep-schema');
      return {};
    }
    const schema = this.#upgrade(given);
    const out: Record<string, unknown> = {};
    const reference = own(schema, '$ref') ?? own(schema, '$dynamicRef') ?? own(schema, '$recursiveRef');
    if (typeof reference === 'string') this.#refer(reference, out, where);

    const removed = this.#removed(schema, where);
    const closure = where.isOpen ? undefined : piecemealClosure(schema, this.#references);
    const within: Where = closure !== undefined ? { ...where, isOpen: true } : where;
    for (const keyword of Object.keys(schema)) {
      if (keyword === '$ref' || (keyword === 'additionalProperties' && within.isOpen)) continue;
      this.#keyword(keyword, schema[keyword], schema, out, within, removed);
    }
    if (closure !== undefined) {
      const message = 'additionalProperties refuses what other parts of the composition add; it is read as of all';
      const remedy = 'use unevaluatedProperties (OpenAPI 3.1), or list all properties in one object';
      this.#reporter.warning(where.pointer, 'closed-composition', message, remedy);
      if (closure === 'whole') out['unevaluatedProperties'] = false;
    }
    this.#reconcile(out, where);
    if (Array.isArray(out['oneOf'])) this.#choices.push({ schema: out, pointer: where.pointer });
    return out;
  }

  #refer(reference: string, out: Record<string, unknown>, where: Where): void {
    const target = this.#references.resolve(reference);
    if (target === undefined || (typeof target.value !== 'boolean' && !isObject(target.value))) {
      this.#drop(where, 'schema', `${JSON.stringify(reference)} leads nowhere`, 'dangling-ref');
      return;
    }
    if (this.#saysNothing(target)) {
      const why = `${JSON.stringify(reference)} leads by references alone back to itself, so that it allows anything`;
      this.#drop(where, 'schema', why, 'circular-ref');
      return;
    }
    const choice = this.#choiceOf(target, where);
    if (choice !== undefined) {
      out['$ref'] = `#/$defs/${this.#define(choice, where.side, false)}`;
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
    out['$ref'] = `#/$defs/${this.#define(target, where.side, isOpen)}`;
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
        what: `${subtypes.count} ${subtypes.count === 1 ? 'subtype' : 'subtypes'} of ${this.#names.name(base.pointer)}`,
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
        collect(this.#references.follow(member, '')?.value, depth + 1);
      }
    };
    collect(schema, 0);
    return names;
  }

  #keyword(
    keyword: string,
    value: unknown,
    schema: JsonObject,
    out: Record<string, unknown>,
    where: Where,
    removed: ReadonlySet<string>,
  ): void {
    const subschema = Object.hasOwn(SUBSCHEMAS, keyword) ? SUBSCHEMAS[keyword] : undefined;
    if (subschema !== undefined) return this.#subschemas(keyword, value, schema, out, where, removed);
    if (COUNTS.has(keyword)) {
      const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (isFiniteNumber(count) && count >= 0 && Number.isInteger(count)) out[keyword] = count;
      else if (value !== null) this.#drop(where, keyword, `${show(value)} is no count`);
      return;
    }
    if (LIMITS.has(keyword)) {
      const limit = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (isFiniteNumber(limit)) out[keyword] = limit;
      else if (value !== null && value !== false) this.#drop(where, keyword, `${show(value)} is no number`);
      return;
    }
    if (FLAGS.has(keyword)) {
      if (value === true) out[keyword] = true;
      return;
    }
    if (NAMES.has(keyword)) {
      if (typeof value === 'string' && value !== '') out[keyword] = cleanLine(value, 120);
      return;
    }
    switch (keyword) {
      case 'title':
        return setText(out, keyword, cleanLine(value, MAX_LENGTH.title));
      case 'description':
        return setText(out, keyword, cleanText(value, MAX_LENGTH.schema));
      case 'type':
        return this.#type(value, out, where);
      case 'enum':
        return this.#enum(value, out, where);
      case 'const':
        if (isJson(value)) out[keyword] = value;
        else this.#drop(where, keyword, 'JSON has no such value');
        return;
      case 'default':
        if (isJson(value)) out[keyword] = value;
        else this.#drop(where, keyword, 'JSON has no such value');
        return;
      case 'example':
      case 'examples':
        return addExamples(out, keyword === 'example' ? [value] : arrayOr(value));
      case 'multipleOf':
        if (isFiniteNumber(value) && value > 0) out[keyword] = value;
        else this.#drop(where, keyword, `${show(value)} is no positive number`);
        return;
      case 'pattern':
        return this.#pattern(value, out, where);
      case 'required':
        return this.#required(value, out, where, removed);
      case 'dependentRequired':
        if (isObject(value)) out[keyword] = dependentRequired(value);
        return;
      default:
        // Annotations of OpenAPI and extensions: `discriminator`, `xml`, `externalDocs`, `x-…`; identifiers, which
        // would move the base of `#/$defs/`; unknown words, which JSON Schema ignores.
        return;
    }
  }

  #subschemas(
    keyword: string,
    value: unknown,
    schema: JsonObject,
    out: Record<string, unknown>,
    where: Where,
    removed: ReadonlySet<string>,
  ): void {
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
        this.#drop(where, keyword, `${show(value)} is no schema`);
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
      if (value !== null) this.#drop(where, keyword, `${show(value)} is no object of schemas`);
      return;
    }
    const map: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const child = value[name];
      if (keyword === 'properties' && this.isHidden(child, where.side)) continue;
      if (keyword === 'patternProperties') {
        const check = this.pattern(name);
        // A weaker pattern would bind properties that the document leaves free.
        const fault = 'fault' in check ? check.fault : check.weaker;
        if ('pattern' in check && fault === undefined) setOwn(map, check.pattern, this.#convert(child, inner(name)));
        else this.#drop(where, 'patternProperties', `${show(name)}: ${String(fault)}`, 'unusable-pattern');
        continue;
      }
      if (keyword === 'properties' && isObject(child) && child['required'] === true && !isObject(child['properties'])) {
        this.#reporter.warning(
          childPointer(where.pointer, keyword, name),
          'invalid-schema',
          '"required": true on a property means nothing',
          "list the property under its object's required",
        );
      }
      setOwn(map, name, this.#convert(child, inner(name)));
    }
    out[keyword] = map;
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

  #type(value: unknown, out: Record<string, unknown>, where: Where): void {
    const types = new Set<string>();
    for (const given of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const name = given === null ? 'null' : typeof given === 'string' ? given.trim().toLowerCase() : '';
      const [type, format] = TYPES.includes(name)
        ? [name]
        : Object.hasOwn(TYPE_REPAIRS, name)
          ? TYPE_REPAIRS[name]!
          : [];
      if (type === undefined || name !== given) {
        const reading = type === undefined ? 'it is left open' : `it is read as ${type}`;
        const message = `${show(given)} is no type of JSON Schema; ${reading}`;
        this.#reporter.warning(`${where.pointer}/type`, 'invalid-schema', message, 'correct the type');
      }
      // One type of several that cannot be told leaves them all open.
      if (type === undefined) return;
      types.add(type);
      if (format !== undefined && out['format'] === undefined) out['format'] = format;
    }
    if (types.size === 1) out['type'] = [...types][0];
    else if (types.size > 1) out['type'] = [...types];
  }

  #enum(value: unknown, out: Record<string, unknown>, where: Where): void {
    if (!Array.isArray(value) || value.length === 0) {
      if (value !== null && value !== undefined) this.#drop(where, 'enum', 'it lists no values');
      return;
    }
    const seen = new Map<string, unknown>();
    for (const item of value as unknown[]) {
      if (!isJson(item)) {
        this.#drop(where, 'enum', `JSON cannot carry its value ${show(item)}`);
        continue;
      }
      const key = JSON.stringify(item);
      if (!seen.has(key)) seen.set(key, item);
    }
    if (seen.size > 0) out['enum'] = [...seen.values()];
  }

  #pattern(value: unknown, out: Record<string, unknown>, where: Where): void {
    if (typeof value !== 'string') {
      if (value !== null) this.#drop(where, 'pattern', `${show(value)} is no text`);
      return;
    }
    const check = this.pattern(value);
    if ('pattern' in check) out['pattern'] = check.pattern;
    const fault = 'fault' in check ? check.fault : check.weaker;
    if (fault !== undefined) this.#drop(where, 'pattern', `${show(value)}: ${fault}`, 'unusable-pattern');
  }

  #required(value: unknown, out: Record<string, unknown>, where: Where, removed: ReadonlySet<string>): void {
    if (!Array.isArray(value)) {
      // A boolean is draft 3's form, which says something of the property's own presence: see `properties`.
      if (typeof value !== 'boolean' && value !== null) this.#drop(where, 'required', `${show(value)} is no list`);
      return;
    }
    const names = new Set<string>();
    for (const name of value as unknown[]) if (typeof name === 'string' && !removed.has(name)) names.add(name);
    if (names.size > 0) out['required'] = [...names];
  }

  /**
   * Turns `oneOf` into `anyOf` where the alternatives cannot be told apart: where a value of each fits another too, no
   * call could ever be made. Vendors mean "one of these forms" by it, not "and none of the others".
   */
  #widenChoice(schema: Record<string, unknown>, pointer: string): void {
    const branches = schema['oneOf'] as readonly unknown[];
    if (branches.length < 2 || branches.length > MAX_BRANCHES || this.#choiceSteps <= 0) return;
    const budget = { steps: MAX_CHOICE_STEPS };
    const isAmbiguous = branches.every((branch) => {
      const value = fullExample(branch, this, budget);
      return value !== undefined && branches.filter((other) => satisfies(other, value, this, budget)).length > 1;
    });
    this.#choiceSteps -= MAX_CHOICE_STEPS - budget.steps;
    if (!isAmbiguous) return;
    const message =
      'what fits one alternative of oneOf fits another too, so that nothing fits just one; it is read as anyOf';
    const remedy = 'use anyOf, or tell the alternatives apart by what they require';
    this.#reporter.warning(`${pointer}/oneOf`, 'ambiguous-choice', message, remedy);
    this.#ambiguous.add(branches);
    Object.assign(schema, widened(schema));
    delete schema['oneOf'];
  }

  /** Values of `enum` and `const` that are written as another type than the one declared could never be sent. */
  #reconcile(out: Record<string, unknown>, where: Where): void {
    this.#reconcileRequired(out, where);
    this.#reconcileFormat(out, where);
    const values = out['enum'];
    const types = out['type'] === undefined ? [] : ([out['type']].flat() as string[]);
    if (!Array.isArray(values) || types.length === 0) return;
    const isAllowed = (value: unknown): boolean => types.some((type) => isOfType(value, type));
    if (values.every(isAllowed)) return;
    if (types.includes('array') && !values.some(Array.isArray)) {
      // The choice of an array's items, written one level too high.
      const message = 'enum lists values of the items, beside type array; it is read as theirs';
      this.#reporter.warning(`${where.pointer}/enum`, 'invalid-schema', message, 'move enum into items');
      out['items'] = { ...(isObject(out['items']) ? out['items'] : {}), enum: values };
      delete out['enum'];
      return;
    }
    const repaired = new Map<string, unknown>();
    for (const value of values as unknown[]) {
      const kept = isAllowed(value)
        ? value
        : types.map((type) => readAs(value, type)).find((read) => read !== undefined);
      if (kept !== undefined) repaired.set(JSON.stringify(kept), kept);
    }
    const message = `values of enum are not of type ${types.join(', ')}`;
    this.#reporter.warning(`${where.pointer}/enum`, 'invalid-schema', message, 'write the values as that type');
    if (repaired.size > 0) out['enum'] = [...repaired.values()];
    else delete out['type'];
  }

  /** A closed object that requires a property it does not allow allows nothing at all. */
  #reconcileRequired(out: Record<string, unknown>, where: Where): void {
    const required = arrayOr(out['required']);
    const isOwn = ['$ref', 'allOf', 'anyOf', 'oneOf', 'patternProperties'].every(
      (keyword) => out[keyword] === undefined,
    );
    if (out['additionalProperties'] !== false || !isOwn || required.length === 0) return;
    const properties = objectOr(out['properties']);
    const allowed = required.filter((name) => Object.hasOwn(properties, name as string));
    if (allowed.length === required.length) return;
    const forbidden = required.filter((name) => !allowed.includes(name)).map(show);
    const message = `${forbidden.join(', ')} is required, but the object allows no such property; it is not required`;
    this.#reporter.warning(
      `${where.pointer}/required`,
      'invalid-schema',
      message,
      'list the property, or correct its name',
    );
    if (allowed.length > 0) out['required'] = allowed;
    else delete out['required'];
  }

  /** Formats that leave no text for what stands beside them. */
  #reconcileFormat(out: Record<string, unknown>, where: Where): void {
    const { format, minLength, maxLength, pattern } = out;
    const warn = (keyword: string, message: string, remedy: string): void =>
      this.#reporter.warning(`${where.pointer}/${keyword}`, 'invalid-schema', message, remedy);
    const hasLength = Number(minLength ?? 0) <= UUID_LENGTH && Number(maxLength ?? Infinity) >= UUID_LENGTH;
    if (format === 'uuid' && !hasLength) {
      const message = 'no UUID is as long as minLength and maxLength say; neither they nor the format are checked';
      warn('format', message, 'correct the format or the lengths');
      for (const keyword of ['format', 'minLength', 'maxLength']) delete out[keyword];
    }
    if (format === 'email' && typeof pattern === 'string' && pattern.includes('\\\\')) {
      const message = `${show(pattern)} asks for a backslash, which no address has; it is read with one escape less`;
      warn('pattern', message, 'write each backslash of the pattern once less');
      out['pattern'] = pattern.replaceAll('\\\\', '\\');
    }
  }

  /** A keyword, or the whole schema (`schema`), which then allows anything. */
  #drop(where: Where, what: string, why: string, lost: SchemaLoss = 'invalid-schema'): void {
    this.#reporter.loss(what === 'schema' ? where.pointer : childPointer(where.pointer, what), {
      rule: lost,
      what: what === 'schema' ? 'a schema' : `the schema keyword ${what}`,
      why,
      remedy: REMEDIES[lost],
    });
  }
}

/** The schema with `anyOf` in place of its `oneOf`. */
function widened({ oneOf, ...schema }: JsonObject): JsonObject {
  if (schema['anyOf'] === undefined) return { ...schema, anyOf: oneOf };
  return { ...schema, allOf: [...arrayOr(schema['allOf']), { anyOf: oneOf }] };
}

function saysSomething(schema: JsonSchema): boolean {
  return schema !== true && !(typeof schema === 'object' && Object.keys(schema).length === 0);
}

function setText(out: Record<string, unknown>, keyword: string, text: string): void {
  if (text !== '') out[keyword] = text;
}

/** Examples are for reading; long ones are left out, and each is there once. */
export function addExamples(out: Record<string, unknown>, values: readonly unknown[]): void {
  const examples = new Map(arrayOr(out['examples']).map((value) => [JSON.stringify(value), value]));
  for (const value of values) {
    if (examples.size >= MAX_EXAMPLES) break;
    if (!isJson(value)) continue;
    const text = JSON.stringify(value);
    if (text.length <= MAX_EXAMPLE_LENGTH && !examples.has(text)) examples.set(text, value);
  }
  if (examples.size > 0) out['examples'] = [...examples.values()];
}

function dependentRequired(value: JsonObject): JsonObject {
  const map: Record<string, unknown> = {};
  for (const [name, names] of Object.entries(value)) {
    setOwn(map, name, [...new Set(arrayOr(names).filter((entry) => typeof entry === 'string'))]);
  }
  return map;
}

/** Whether JSON can carry the value unchanged: YAML knows infinities, dates of its own making, and nothing at all. */
export function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isObject(value) && Object.values(value).every(isJson);
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

function readAs(value: unknown, type: string): unknown {
  if (type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) return String(value);
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (type === 'boolean') return value === 'true' ? true : value === 'false' ? false : undefined;
  if (type === 'number' || type === 'integer') {
    const number = Number(value);
    return isOfType(number, type) ? number : undefined;
  }
  return undefined;
}

function show(value: unknown): string {
  return cleanLine(JSON.stringify(value) ?? String(value), 80);
}
