/**
 * Whether JSON text names a member of an object twice. Readers differ in which of the two they take (RFC 8259, section 4),
 * so that a receipt could show one amount to whoever reads it and another to who verifies it.
 * @param value the parsed text, in which one of the two is left.
 */
export function hasRepeatedMember(text: string, value: unknown): boolean {
  return membersIn(text) > membersOf(value);
}

/** Each has a colon, and no other colon is outside of strings. */
function membersIn(text: string): number {
  let members = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (inString && character === '\\') at += 1;
    else if (character === '"') inString = !inString;
    else if (!inString && character === ':') members += 1;
  }
  return members;
}

function membersOf(value: unknown): number {
  let members = 0;
  const open = [value];
  while (open.length > 0) {
    const each = open.pop();
    if (typeof each !== 'object' || each === null) continue;
    const values: readonly unknown[] = Object.values(each);
    if (!Array.isArray(each)) members += values.length;
    for (const inner of values) open.push(inner);
  }
  return members;
}
