/**
 * The keys of a file, or of standard input: one a line. PEM has lines of its own: there a key is a certificate and its
 * private key, with all that stands beside them; of several pairs each begins as the first does, with the private key
 * or, if that comes last, after the private key of the one before.
 */

const KEY_END = /^-----END [A-Z0-9 ]*PRIVATE KEY-----$/;
const KEY_BEGIN = /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----$/;
const BEGIN = /^-----BEGIN [A-Z0-9 ]+-----$/;

/** None where the text is empty. */
export function keysOfText(text: string): readonly string[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const first = lines.find((line) => BEGIN.test(line));
  return first === undefined ? lines : pairs(lines, KEY_BEGIN.test(first));
}

function pairs(lines: readonly string[], isKeyFirst: boolean): readonly string[] {
  const found: string[][] = [[]];
  let hasKey = false;
  for (const line of lines) {
    const isNext = isKeyFirst ? KEY_BEGIN.test(line) : BEGIN.test(line);
    if (isNext && hasKey) {
      found.push([]);
      hasKey = false;
    }
    found.at(-1)!.push(line);
    if (KEY_END.test(line)) hasKey = true;
  }
  // Behind the only private key, or the last, stands what vouches for its certificate.
  const rest = hasKey || found.length === 1 ? [] : found.pop()!;
  found.at(-1)!.push(...rest);
  return found.map((pair) => pair.join('\n'));
}
