import type { Secret } from './secret.js';

/** The operator's values, wherever they come from. */
export interface CredentialValues {
  /** Another whenever a value may be another. */
  readonly version: number;
  /**
   * The value of a variable such as `TOLLGATE_CREDENTIAL_GITHUB_BEARER`, or several where there are several keys to take
   * turns with; none where the operator gave none.
   * @param isAlone whether `<variable>_1` and `<variable>_FILE` are the variables of other schemes.
   */
  get(variable: string, isAlone: boolean): readonly Secret[];
}
