/** Puts the title and summary of an operation's `x-tollgate` in the place of the document's. */

import { cleanLine, MAX_LENGTH } from '../normalize/clean-text.js';
import type { NormalizedOperation } from '../normalize/normalized-document.js';
import type { OperationSettings } from './settings.js';

/** `own` is keyed by JSON pointer of the operation. */
export function retitleOperations(
  operations: readonly NormalizedOperation[],
  own: ReadonlyMap<string, OperationSettings>,
): readonly NormalizedOperation[] {
  return operations.map((operation) => {
    const said = own.get(operation.pointer);
    if (said?.title === undefined && said?.summary === undefined) return operation;
    return {
      ...operation,
      ...(said.title !== undefined && { title: cleanLine(said.title, MAX_LENGTH.title) }),
      ...(said.summary !== undefined && { summary: cleanLine(said.summary, MAX_LENGTH.summary) }),
    };
  });
}
