/**
 * The blocks of a text in PEM (RFC 7468), as operators have it: with whatever stands between the blocks, with line ends
 * of any kind, and with `\n` for each line end where the text had to be one line.
 */

export interface PemBlock {
  /** Such as `CERTIFICATE` or `EC PRIVATE KEY`. */
  readonly label: string;
  /** What is encoded: DER, where the label is one of X.509's. */
  readonly bytes: Buffer;
  /** Encrypted by a passphrase, as its headers say (RFC 1421 section 4.6.1.1); RFC 7468 has a label for that. */
  readonly isEncrypted: boolean;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,60})-----([^-]*(?:-(?!-{4}END )[^-]*)*)-----END \1-----/g;
const HEADER = /^[A-Za-z0-9-]+:.*$/gm;

/** In the order in which they stand. A block that is cut off is none. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const lines = text.replaceAll('\\r', '').replaceAll('\\n', '\n');
  return [...lines.matchAll(BLOCK)].map(([, label = '', content = '']) => ({
    label,
    bytes: Buffer.from(content.replace(HEADER, ''), 'base64'),
    isEncrypted: label.startsWith('ENCRYPTED ') || /^Proc-Type:.*ENCRYPTED/m.test(content),
  }));
}
