/**
 * What must be known of a shared schema before it can be read: whether a request and a response see it differently, and
 * whether it applies to itself in place (`allOf`, `oneOf` … back to the same schema), which no validator survives.
 * A schema is a node once a reference leads to it; nodes are explored together with all that they lead to.
 */

import { escapeToken } from '../load/json-pointer.js';
import { arrayOr, isObject, own, type JsonObject } from './json-value.js';
import type { References, Target } from './references.js';
import { isChoice, type SubtypeIndex } from './subtypes.js';

/**
 * How a schema applies to another: to the same value and always (`all`), to the same value under a condition or as one
 * of several (`any`), or to a part of the value (`part`).
 */
export type Application = 'all' | 'any' | 'part';

/** Keywords that hold schemas: how these apply, and whether they stand in a list, under names, or alone. */
export const SUBSCHEMAS: Readonly<
  Record<string, { readonly applies: Application; readonly holds: 'list' | 'map' | 'one' }>
> = {
  allOf: { applies: 'all', holds: 'list' },
  anyOf: { applies: 'any', holds: 'list' },
  oneOf: { applies: 'any', holds: 'list' },
  not: { applies: 'any', holds: 'one' },
  if: { applies: 'any', holds: 'one' },
  then: { applies: 'any', holds: 'one' },
  else: { applies: 'any', holds: 'one' },
  dependentSchemas: { applies: 'any', holds: 'map' },
  properties: { applies: 'part', holds: 'map' },
  patternProperties: { applies: 'part', holds: 'map' },
  additionalProperties: { applies: 'part', holds: 'one' },
  unevaluatedProperties: { applies: 'part', holds: 'one' },
  propertyNames: { applies: 'part', holds: 'one' },
  items: { applies: 'part', holds: 'one' },
  prefixItems: { applies: 'part', holds: 'list' },
  unevaluatedItems: { applies: 'part', holds: 'one' },
  contains: { applies: 'part', holds: 'one' },
  contentSchema: { applies: 'part', holds: 'one' },
};

/** What a value cannot break, beside a reference. */
export const SAYS_NOTHING: ReadonlySet<string> = new Set(
  '$ref $id $anchor $comment title summary description deprecated example examples'.split(' '),
);
/** The same, and what stands beside a reference to an object for 3.0's sake. */
const ADDS_NOTHING: ReadonlySet<string> = new Set([...SAYS_NOTHING, 'type', 'nullable', 'readOnly', 'writeOnly']);

interface Edge {
  readonly to: Node;
  readonly applies: Application;
}

interface Node {
  readonly target: Target;
  readonly edges: Edge[];
  differs: boolean;
  /** Number of the cycle of in-place applications that it is part of; 0 for none. */
  cycle: number;
  /** The same, of `any` applications alone: what remains once the others are cut. */
  anyCycle: number;
}

export class SchemaGraph {
  readonly #references: References;
  readonly #upgrade: (schema: JsonObject) => JsonObject;
  readonly #subtypes: SubtypeIndex;
  readonly #nodes = new Map<string, Node>();
  #cycles = 0;

  constructor(references: References, upgrade: (schema: JsonObject) => JsonObject, subtypes: SubtypeIndex) {
    this.#references = references;
    this.#upgrade = upgrade;
    this.#subtypes = subtypes;
  }

  /** Whether a `readOnly` or `writeOnly` property occurs in what the target leads to. */
  differs(target: Target): boolean {
    return this.#explore(target).differs;
  }

  /** Whether applying `to` within `from` in this way closes a circle that has to be cut. */
  isCircular(from: Target, to: Target, applies: Application): boolean {
    if (applies === 'part') return false;
    const [a, b] = [this.#explore(from), this.#explore(to)];
    return applies === 'all' ? a.cycle !== 0 && a.cycle === b.cycle : a.anyCycle !== 0 && a.anyCycle === b.anyCycle;
  }

  /** Whether both are part of one circle of in-place applications of any kind. */
  shareCycle(from: Target, to: Target): boolean {
    const [a, b] = [this.#explore(from), this.#explore(to)];
    return a.cycle !== 0 && a.cycle === b.cycle;
  }

  isReadOnly(schema: unknown): boolean {
    return this.#isMarked(schema, 'readOnly');
  }

  isWriteOnly(schema: unknown): boolean {
    return this.#isMarked(schema, 'writeOnly');
  }

  #isMarked(schema: unknown, keyword: 'readOnly' | 'writeOnly'): boolean {
    if (!isObject(schema)) return false;
    if (own(schema, keyword) === true) return true;
    if (typeof own(schema, '$ref') !== 'string') return false;
    const target = this.#references.follow(schema)?.value;
    return isObject(target) && own(target, keyword) === true;
  }

  #explore(target: Target): Node {
    const known = this.#nodes.get(target.pointer);
    if (known !== undefined) return known;
    const first = this.#add(target);
    const batch = [first];
    for (let next = 0; next < batch.length; next++) this.#scan(batch[next]!, batch);
    spreadDifference(batch);
    for (const component of stronglyConnected(batch, (applies) => applies !== 'part')) {
      this.#cycles++;
      for (const node of component) node.cycle = this.#cycles;
    }
    for (const component of stronglyConnected(batch, (applies) => applies === 'any')) {
      this.#cycles++;
      for (const node of component) node.anyCycle = this.#cycles;
    }
    return first;
  }

  #add(target: Target): Node {
    const node: Node = { target, edges: [], differs: false, cycle: 0, anyCycle: 0 };
    this.#nodes.set(target.pointer, node);
    return node;
  }

  #scan(node: Node, batch: Node[]): void {
    const ofChoice = isChoice(node.target.pointer);
    const leadTo = (target: Target, applies: Application): void => {
      let to = this.#nodes.get(target.pointer);
      if (to === undefined) {
        to = this.#add(target);
        batch.push(to);
      }
      node.edges.push({ to, applies });
    };
    const visit = (given: unknown, applies: Application, isBase: boolean): void => {
      if (!isObject(given)) return;
      const schema = this.#upgrade(given);
      const reference = own(schema, '$ref');
      const target = typeof reference === 'string' ? this.#references.resolve(reference) : undefined;
      if (target !== undefined) {
        leadTo(target, applies);
        const subtypes = isBase ? undefined : this.#subtypes.of(target);
        if (subtypes !== undefined && 'choice' in subtypes) leadTo(subtypes.choice, applies);
      }
      for (const [keyword, { applies: how, holds }] of Object.entries(SUBSCHEMAS)) {
        const value = own(schema, keyword);
        if (typeof value !== 'object' || value === null) continue;
        const inner = weaker(applies, how);
        const isExtended = ofChoice || extendsWithin(keyword, schema, applies, isBase);
        if (keyword === 'properties' && !node.differs) {
          node.differs = Object.values(value).some(
            (property) => this.isReadOnly(property) || this.isWriteOnly(property),
          );
        }
        if (holds === 'one' && !Array.isArray(value)) visit(value, inner, isExtended);
        else
          for (const child of holds === 'map' ? Object.values(value) : arrayOr(value)) visit(child, inner, isExtended);
      }
      // Before 2020-12 `items` held a list too.
      for (const child of arrayOr(own(schema, 'items'))) visit(child, 'part', false);
    };
    visit(node.target.value, 'all', ofChoice);
  }
}

/** Within what applies to a part, nothing applies to the whole; within an alternative, nothing always applies. */
export function weaker(outer: Application, inner: Application): Application {
  if (outer === 'part' || inner === 'part') return 'part';
  return outer === 'any' || inner === 'any' ? 'any' : 'all';
}

/**
 * Whether what a subschema refers to is there to be extended, and so stands for itself and for none of its subtypes:
 * under the `allOf` of a shared schema, or beside other members. An `allOf` of one member is how a reference is described.
 *
 * @param applies how the schema itself applies to the shared one that is being read
 * @param isBase whether the schema itself is being extended
 */
export function extendsWithin(keyword: string, schema: JsonObject, applies: Application, isBase: boolean): boolean {
  if (keyword !== 'allOf') return false;
  if (isBase || applies === 'all' || Object.hasOwn(schema, 'properties')) return true;
  const adds = (member: unknown): boolean =>
    isObject(member) && Object.keys(member).some((name) => name === '$ref' || !ADDS_NOTHING.has(name));
  return arrayOr(schema['allOf']).filter(adds).length > 1;
}

/** The path of a subschema below its keyword. */
export function childPointer(pointer: string, keyword: string, child?: string | number): string {
  const path = `${pointer}/${escapeToken(keyword)}`;
  return child === undefined ? path : `${path}/${escapeToken(String(child))}`;
}

/** What differs makes all differ that lead to it. */
function spreadDifference(batch: readonly Node[]): void {
  const users = new Map<Node, Node[]>();
  const changed: Node[] = [];
  for (const node of batch) {
    for (const { to } of node.edges) {
      const list = users.get(to);
      if (list === undefined) users.set(to, [node]);
      else list.push(node);
      if (to.differs && !node.differs) node.differs = true;
    }
    if (node.differs) changed.push(node);
  }
  for (let node = changed.pop(); node !== undefined; node = changed.pop()) {
    for (const user of users.get(node) ?? []) {
      if (user.differs) continue;
      user.differs = true;
      changed.push(user);
    }
  }
}

/** The components that are circles (Tarjan's algorithm, without recursion: chains of references may be long). */
function stronglyConnected(nodes: readonly Node[], follows: (applies: Application) => boolean): Node[][] {
  const members = new Set(nodes);
  const order = new Map<Node, number>();
  const lowest = new Map<Node, number>();
  const stack: Node[] = [];
  const onStack = new Set<Node>();
  const circles: Node[][] = [];

  for (const start of nodes) {
    if (order.has(start)) continue;
    const work: { node: Node; next: number }[] = [{ node: start, next: 0 }];
    while (work.length > 0) {
      const frame = work.at(-1)!;
      const { node } = frame;
      if (frame.next === 0) {
        order.set(node, order.size);
        lowest.set(node, order.get(node)!);
        stack.push(node);
        onStack.add(node);
      }
      let descended = false;
      while (frame.next < node.edges.length) {
        const { to, applies } = node.edges[frame.next++]!;
        if (!members.has(to) || !follows(applies)) continue;
        if (!order.has(to)) {
          work.push({ node: to, next: 0 });
          descended = true;
          break;
        }
        if (onStack.has(to)) lowest.set(node, Math.min(lowest.get(node)!, order.get(to)!));
      }
      if (descended) continue;
      if (node.edges.length === 0) frame.next = 1;
      work.pop();
      const parent = work.at(-1)?.node;
      if (parent !== undefined) lowest.set(parent, Math.min(lowest.get(parent)!, lowest.get(node)!));
      if (lowest.get(node) !== order.get(node)) continue;
      const component: Node[] = [];
      for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
        onStack.delete(member);
        component.push(member);
        if (member === node) break;
      }
      const isCircle = component.length > 1 || node.edges.some(({ to, applies }) => to === node && follows(applies));
      if (isCircle) circles.push(component);
    }
  }
  return circles;
}
