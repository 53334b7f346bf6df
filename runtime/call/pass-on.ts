/**
 * Passes the records of a streamed answer on while it arrives. That is progress and no more: the answer itself comes
 * whole, at its end, and is charged then. So records may be cut, and left out where they are too many or too long.
 */

import { redactText } from '../credential/redact.js';
import type { Secret } from '../credential/secret.js';
import { isStream, recordReader } from '../upstream/records.js';
import type { SendOptions } from '../upstream/send.js';
import { beginning } from './preview.js';

const MOST_PASSED_ON = 10_000;
/** Characters of a record that is not whole yet. */
const MOST_HELD = 65_536;
const MOST_CHARACTERS = 16_384;

/** @param secrets none of which is passed on. */
export function passOn(
  onRecord: (record: string) => void,
  secrets: readonly Secret[],
): NonNullable<SendOptions['onAnswer']> {
  return ({ status, headers }) => {
    const contentType = headers['content-type'] ?? '';
    const isSuccess = status >= 200 && status < 300;
    if (!isSuccess || !isStream(contentType) || headers['content-encoding'] !== undefined) return undefined;
    let passedOn = 0;
    const take = (record: string): void => {
      if (passedOn === MOST_PASSED_ON) return;
      passedOn += 1;
      onRecord(beginning(redactText(record, secrets).value, MOST_CHARACTERS));
    };
    const reader = recordReader(contentType, take, MOST_HELD);
    const decoder = new TextDecoder();
    return (piece) => reader.feed(decoder.decode(piece, { stream: true }));
  };
}
