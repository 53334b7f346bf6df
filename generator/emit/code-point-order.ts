/**
 * The one order of everything that is written: by Unicode code point. `localeCompare` would order by the machine's
 * locale, and the plain `<` by UTF-16 unit, which puts emoji before some letters.
 */
export function byCodePoint(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const [a, b] = [left.charCodeAt(index), right.charCodeAt(index)];
    if (a === b) continue;
    // A surrogate stands for a code point above all those of one unit, U+E000 to U+FFFF among them.
    const [aHigh, bHigh] = [isSurrogate(a), isSurrogate(b)];
    return aHigh === bHigh ? a - b : aHigh ? 1 : -1;
  }
  return left.length - right.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
