/** Waits for a state, however long it takes: a test's own time limit says when it is too long. */

import { setTimeout as sleep } from 'node:timers/promises';

export async function until(state: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await state())) await sleep(2);
}
