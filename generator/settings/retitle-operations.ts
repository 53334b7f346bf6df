/** Puts the title and summary of an operation's `x-tollgate` in the place of the document's. */

import type { NormalizedOperation } from '../normalize/normalized-document.js';
import { plainLine } from './plain-line.js';
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
      ...(said.title !== undefined && { title: plainLine(said.title) }),
      ...(said.summary !== undefined && { summary: plainLine(said.summary) }),
    };
  });
}
