/**
 * Percent-encoding as RFC 6570 section 3.2.1 has it: everything but the unreserved characters of RFC 3986 is encoded,
 * so that no value can end its component, begin another one, or be changed by a URL parser.
 */

const UNRESERVED = /^[\w.~-]*$/;

/** @throws URIError where the text has a lone surrogate, which UTF-8 cannot carry. */
export function percentEncode(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => escape(character));
}

/**
 * For `allowReserved`: reserved characters stay as they are, except those that would change the query's structure for
 * whoever reads it (`&`, `#`, `+`, `[`, `]`). `%` is encoded too: the upstream reads what the caller wrote.
 *
 * @throws URIError as `percentEncode` does.
 */
export function percentEncodeReserved(text: string): string {
  return encodeURIComponent(text).replace(/%(?:3A|2F|3F|40|24|2C|3B|3D)/g, (triplet) => decodeURIComponent(triplet));
}

/**
 * For a path parameter with `allowReserved` (RFC 6570 section 3.2.3): reserved characters stay, so that a slash in the
 * value parts segments; except those that would end the path (`?`, `#`) and brackets, which no path may have.
 *
 * @throws URIError as `percentEncode` does.
 */
export function percentEncodePath(text: string): string {
  return encodeURIComponent(text).replace(/%(?:3A|2F|40|24|26|2B|2C|3B|3D)/g, (triplet) => decodeURIComponent(triplet));
}

function escape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
