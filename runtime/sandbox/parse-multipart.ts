/**
 * Reads `multipart/form-data` (RFC 7578 over RFC 2046 section 5.1) and keeps each part as it came: a lenient parser
 * would hide from a test what was wrong on the wire.
 *
 * It works on a whole body in memory; `read-body.ts` bounds it.
 */

export interface Part {
  readonly name: string;
  readonly filename?: string;
  readonly contentType?: string;
  readonly bytes: Buffer;
}

/** What is wrong with the body, in words for its sender. */
export class MultipartError extends Error {}

/**
 * @param boundary as in the Content-Type, without the two leading hyphens.
 * @throws MultipartError for a body that breaks the grammar.
 */
export function parseMultipart(body: Buffer, boundary: string): readonly Part[] {
  // With a line break before it, the first delimiter looks like all the others.
  const text = Buffer.concat([Buffer.from('\r\n'), body]);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const parts: Part[] = [];
  let at = text.indexOf(delimiter);
  if (at < 0) throw new MultipartError(`the boundary "${boundary}" is nowhere in the body`);
  for (;;) {
    const start = at + delimiter.length;
    if (text.toString('latin1', start, start + 2) === '--') return parts;
    if (text.toString('latin1', start, start + 2) !== '\r\n') {
      throw new MultipartError('a boundary is not followed by a line break');
    }
    const end = text.indexOf(delimiter, start);
    if (end < 0) throw new MultipartError('the closing boundary is missing');
    parts.push(parsePart(text.subarray(start, end)));
    at = end;
  }
}

/** The boundary that a Content-Type names (RFC 2046 section 5.1.1), undefined where it names none. */
export function boundaryOf(contentType: string): string | undefined {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/** @param part from the line break after its boundary on. */
function parsePart(part: Buffer): Part {
  const gap = part.indexOf('\r\n\r\n');
  if (gap < 0) throw new MultipartError('a part has no empty line after its headers');
  const headers = new Map(
    part
      .toString('utf8', 0, gap)
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
      }),
  );
  const disposition = headers.get('content-disposition') ?? '';
  const name = dispositionParameter(disposition, 'name');
  if (name === undefined) throw new MultipartError('a part has no name in its Content-Disposition');
  const filename = dispositionParameter(disposition, 'filename');
  const contentType = headers.get('content-type');
  return {
    name,
    ...(filename !== undefined && { filename }),
    ...(contentType !== undefined && { contentType }),
    bytes: part.subarray(gap + 4),
  };
}

function dispositionParameter(disposition: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s";]+))`, 'i').exec(disposition);
  return match?.[1] ?? match?.[2];
}
