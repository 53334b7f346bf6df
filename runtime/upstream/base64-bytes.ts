/**
 * The bytes that base64 text stands for (RFC 4648 sections 4 and 5: both alphabets, padding optional), or undefined
 * where it is not base64. `Buffer.from` skips what it cannot read and would send other bytes than were meant.
 */
export function base64Bytes(text: string): Uint8Array | undefined {
  const match = /^([A-Za-z0-9+/_-]*)(={0,2})$/.exec(text);
  if (match === null) return undefined;
  const [, digits = '', padding = ''] = match;
  if (digits.length % 4 === 1) return undefined;
  if (padding !== '' && (digits.length + padding.length) % 4 !== 0) return undefined;
  return Buffer.from(digits, 'base64');
}
