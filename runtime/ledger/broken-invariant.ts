/**
 * The books contradict themselves: a bug, or somebody else's hand in the database. The ledger takes no more calls after
 * one, until the program is started again.
 */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}
