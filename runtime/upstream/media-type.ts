/** Questions about a `Content-Type`. Parameters such as `charset` are allowed in every argument. */

/** `type/subtype` in lower case, without parameters. */
export function essence(contentType: string): string {
  const end = contentType.indexOf(';');
  return (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
}

/**
 * JSON proper, every `+json` type (RFC 6839 section 3.1), and what vendors made before that suffix was registered:
 * `application/vnd.acme.v2.json`. Streams of JSON texts are not JSON.
 */
export function isJson(contentType: string): boolean {
  return /^[^/]+\/(.*[+.-])?json$/.test(essence(contentType));
}

/** XML proper and every `+xml` type (RFC 7303). */
export function isXml(contentType: string): boolean {
  const type = essence(contentType);
  return type === 'application/xml' || type === 'text/xml' || type.endsWith('+xml');
}

/** A type that can be sent: two tokens, and parameters without control characters. A range such as `image/*` is not. */
export function isConcrete(contentType: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is being refused
  return /^[\w!#$%&'+.^`|~-]+\/[\w!#$%&'+.^`|~-]+\s*(;[^\u0000-\u001f\u007f-\uffff]*)?$/.test(contentType);
}

/** A parameter's value, unquoted: `parameterOf('text/csv; charset="utf-8"', 'charset')` is `utf-8`. */
export function parameterOf(contentType: string, name: string): string | undefined {
  for (const part of contentType.split(';').slice(1)) {
    const [key = '', ...rest] = part.split('=');
    if (key.trim().toLowerCase() === name)
      return rest
        .join('=')
        .trim()
        .replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}
