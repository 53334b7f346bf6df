/**
 * Finds the offset of a JSON pointer in JSON text, for error messages. JSON.parse keeps no positions, so the text is
 * scanned here, and only when a message needs it: each object is indexed the first time that a pointer leads through it.
 * The text is known to be valid JSON; nothing is checked again.
 */

import { pointerTokens } from './json-pointer.js';
import { jsonStringEnd } from './json-string-end.js';

interface Node {
  /** Offset of the value's first character. */
  readonly start: number;
  children?: ReadonlyMap<string, Node>;
}

/** Offset of the value at the pointer, or of its nearest ancestor that the text has. */
export function locateJson(text: string): (pointer: string) => number {
  const root: Node = { start: skipSpace(text, 0) };
  return (pointer) => {
    let node = root;
    for (const token of pointerTokens(pointer)) {
      node.children ??= childrenOf(text, node.start);
      const child = node.children.get(token);
      if (child === undefined) break;
      node = child;
    }
    return node.start;
  };
}

function childrenOf(text: string, start: number): ReadonlyMap<string, Node> {
  const children = new Map<string, Node>();
  const opening = text[start];
  if (opening !== '{' && opening !== '[') return children;
  let offset = skipSpace(text, start + 1);
  for (let index = 0; offset < text.length && text[offset] !== '}' && text[offset] !== ']'; index++) {
    let key = String(index);
    if (opening === '{') {
      const end = jsonStringEnd(text, offset);
      key = JSON.parse(text.slice(offset, end)) as string;
      offset = skipSpace(text, skipSpace(text, end) + 1);
    }
    children.set(key, { start: offset });
    offset = skipSpace(text, skipValue(text, offset));
    if (text[offset] === ',') offset = skipSpace(text, offset + 1);
  }
  return children;
}

function skipSpace(text: string, offset: number): number {
  while (offset < text.length && text.charCodeAt(offset) <= 32) offset++;
  return offset;
}

function skipValue(text: string, offset: number): number {
  let depth = 0;
  while (offset < text.length) {
    const character = text[offset];
    if (character === '"') {
      offset = jsonStringEnd(text, offset);
    } else if (character === '{' || character === '[') {
      depth++;
      offset++;
    } else if (character === '}' || character === ']') {
      if (depth === 0) return offset;
      depth--;
      offset++;
    } else if (character === ',' && depth === 0) {
      return offset;
    } else {
      offset++;
      continue;
    }
    if (depth === 0) return offset;
  }
  return offset;
}
