/**
 * Reads a `WWW-Authenticate` header (RFC 9110 section 11.6.1): several challenges in one value, the parameters of each
 * separated by the same commas as the challenges are. What is none of the two is passed over up to the next comma.
 *
 * It judges nothing: which schemes and parameters mean something is for whoever answers.
 */

export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** What some schemes have in the place of parameters. */
  readonly token68?: string;
  /** By name in lower case, without quotes and escapes; of several with one name the first. */
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z\\-]+";
const ITEM_ENDS = '(?=[ \\t]*(?:,|$))';
/** Section 5.6.4. A control character is none of it, so that all of it can be sent back. */
const QUOTED = '"((?:[\\t !#-[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*)"';

const SEPARATORS = /[ \t,]+/y;
const PARAMETER = new RegExp(`(${TOKEN})[ \\t]*=[ \\t]*(?:${QUOTED}|(${TOKEN}))${ITEM_ENDS}`, 'y');
const SCHEME = new RegExp(`(${TOKEN})(?: +([0-9A-Za-z._~+/\\-]+=*)${ITEM_ENDS}|(?=[ \\t,]|$))`, 'y');
const REST_OF_ITEM = /[^,]+/y;

/** @param header a byte string, an octet a character. */
export function readChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; token68?: string; parameters: Map<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(header) ?? undefined;
    if (found !== undefined) at = pattern.lastIndex;
    return found;
  };
  while (at < header.length) {
    if (take(SEPARATORS) !== undefined) continue;
    const parameter = take(PARAMETER);
    if (parameter !== undefined) {
      const [, name = '', quoted, token = ''] = parameter;
      const parameters = challenges.at(-1)?.parameters;
      if (parameters?.has(name.toLowerCase()) === false) {
        parameters.set(name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? token);
      }
      continue;
    }
    const scheme = take(SCHEME);
    if (scheme === undefined) {
      take(REST_OF_ITEM);
      continue;
    }
    const [, name = '', token68] = scheme;
    challenges.push({
      scheme: name.toLowerCase(),
      ...(token68 === undefined ? {} : { token68 }),
      parameters: new Map(),
    });
  }
  return challenges;
}
