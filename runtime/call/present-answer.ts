/**
 * A stored answer as it is shown: JSON as a value (or what `select` takes from it), text as text, and bytes apart, so
 * that each face can carry them exactly.
 */

import type { StoredAnswer } from '../ledger/ledger.js';
import { readAnswer } from '../upstream/read-answer.js';
import { select as selectFrom } from './jmespath.js';

export interface PresentedAnswer {
  /** The JSON value or the text; null where the answer is bytes or empty. */
  readonly body: unknown;
  readonly bytes?: {
    readonly kind: 'image' | 'audio' | 'binary';
    readonly mimeType: string;
    readonly data: Uint8Array;
  };
  readonly warnings: readonly string[];
}

const WHOLE = 'get_usage with this request_id returns the whole answer';

export function presentAnswer(answer: StoredAnswer, select: string | undefined): PresentedAnswer {
  const read = readAnswer(answer);
  if (read.kind === 'json') {
    if (select === undefined) return { body: read.value, warnings: [] };
    const selected = selectFrom(select, read.value);
    if ('fault' in selected)
      return { body: null, warnings: [`select "${select}" failed: ${selected.fault}; ${WHOLE}`] };
    const body = selected.value ?? null;
    return { body, warnings: body === null ? [`select "${select}" matched nothing; ${WHOLE}`] : [] };
  }
  const warnings =
    select === undefined ? [] : [`select was not applied: the answer is ${answer.contentType}, not JSON`];
  switch (read.kind) {
    case 'text':
    case 'invalid-json':
      return { body: read.text, warnings };
    case 'empty':
      return { body: null, warnings };
    case 'image':
    case 'audio':
    case 'binary':
      return { body: null, bytes: { kind: read.kind, mimeType: read.contentType, data: read.bytes }, warnings };
  }
}
