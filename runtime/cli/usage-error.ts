/** What was asked for cannot be begun, as it was asked for: exit code 2, with the message. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
