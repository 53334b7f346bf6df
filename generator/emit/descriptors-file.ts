/** The name of the file that has a provider's descriptors. */
export const DESCRIPTORS = 'descriptors.json';

/** Of paths with forward slashes. */
export function isDescriptors({ file }: { readonly file: string }): boolean {
  return file.endsWith(`/${DESCRIPTORS}`);
}
