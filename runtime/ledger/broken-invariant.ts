/**
 * The books contradict themselves: through a bug, or because somebody else has changed the database. From then on the
 * ledger takes no calls until the program is started again.
 */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}
