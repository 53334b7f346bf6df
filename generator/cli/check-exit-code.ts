/** What `generate --check` answers to a pipeline, each case with a code of its own. */

import type { ChangeClass } from '../change/change.js';

/** By the worst change. Code 2 is wrong usage, as everywhere. */
export const DRIFT_EXIT_CODES: Readonly<Record<ChangeClass | 'none', number>> = {
  none: 0,
  safe: 1,
  priced: 3,
  breaking: 4,
};

/** Whatever else differs: of what was refused nobody knows what became of it. */
export const REFUSED_EXIT_CODE = 5;

/** The check itself came to nothing: a folder is not there, a disk fails. Never to be taken for a drift that is safe. */
export const FAILED_CHECK_EXIT_CODE = 6;

export const EXIT_CODE_HELP = `
Exit codes:
  0  done; with --check: the catalogue is up to date
  1  a document was refused, or the work failed; with --check: the catalogue differs, and all changes are safe
  2  wrong usage
With --check, too:
  3  the catalogue differs; a price, a charging rule or a seller changed, and nothing breaks
  4  the catalogue differs, and a change breaks calls or what reads their answers
  5  a document was refused, so that not all could be compared
  6  the check could not be made

Where GITHUB_ACTIONS is true, what was refused, breaks or costs is marked on the files of the pull request too.
Providers whose files did not change since the last run are not generated again; --check never relies on that.`;
