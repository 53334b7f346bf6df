/**
 * A command of the operator's that cannot be carried out as it was given. The message says why, and what to do. It has a
 * name of its own because Node throws RangeErrors too, for bugs.
 */
export class RefusedCommand extends RangeError {
  override readonly name = 'RefusedCommand';
}

export function unknownAccount(accountId: string): RefusedCommand {
  return new RefusedCommand(`no buyer has the account ${accountId}: "tollgate account list" shows those that exist`);
}
