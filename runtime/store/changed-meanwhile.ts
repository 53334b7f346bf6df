/** What was read without a lock was changed by somebody else before it could be written upon. Nothing was written. */
export class ChangedMeanwhile extends Error {
  override readonly name = 'ChangedMeanwhile';

  constructor(options?: ErrorOptions) {
    super('another connection has written to the database since it was read', options);
  }
}
