/** Finds the offset of a JSON pointer in a parsed YAML document, for error messages. Aliases are followed. */

import { isAlias, isCollection, isMap, isNode, isSeq, type Document } from 'yaml';
import { pointerTokens } from './json-pointer.js';
import { keyText } from './yaml-text.js';

/** Offset of the value at the pointer, or of its nearest ancestor that the text has. */
export function locateYaml(document: Document): (pointer: string) => number {
  return (pointer) => {
    let node: unknown = document.contents;
    let offset = startOf(node) ?? 0;
    for (const token of pointerTokens(pointer)) {
      if (isAlias(node)) node = node.resolve(document);
      if (!isCollection(node)) break;
      const child: unknown = isSeq(node) ? node.items[Number(token)] : undefined;
      const pair = isMap(node) ? node.items.find(({ key }) => keyText(key) === token) : undefined;
      if (child === undefined && pair === undefined) break;
      node = pair === undefined ? child : pair.value;
      // A key says better than its value where something stands: block values begin on the next line.
      offset = startOf(pair === undefined ? node : pair.key) ?? offset;
    }
    return offset;
  };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
