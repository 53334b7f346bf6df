/** Characters of a provider's id. */
const MAX_PROVIDER_LENGTH = 64;

/** The provider that a document becomes: `amazonaws.com/ec2` → `amazonaws.com-ec2`. */
export function providerOf(document: string): string {
  return document
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .slice(0, MAX_PROVIDER_LENGTH);
}
