/**
 * An upstream may repeat the credential that it was sent. It is taken out of every answer before that leaves the call
 * path, with a warning. Text in a charset that does not contain ASCII is decoded to be searched; where it holds a
 * credential, it is written anew in UTF-8. A large body is searched in slices, with turns for other calls between.
 */

import type { Credential } from '../credential/credential.js';
import { redacting, redactHeaders, redactText } from '../credential/redact.js';
import type { Secret } from '../credential/secret.js';
import { inSlices } from '../in-slices.js';
import { essence } from '../upstream/media-type.js';
import { readAnswer } from '../upstream/read-answer.js';
import type { UpstreamAnswer } from '../upstream/send.js';
import type { UpstreamFailure } from '../upstream/upstream-failure.js';

export async function redactAnswer(
  received: UpstreamAnswer,
  credential: Credential,
): Promise<{ readonly answer: UpstreamAnswer; readonly warnings: readonly string[] }> {
  const { secrets } = credential;
  const headers = redactHeaders(received.headers, secrets);
  const contentType = redactText(received.contentType, secrets);
  const shown = { ...received, headers: headers.value, contentType: contentType.value };
  // The text is redacted before the bytes: in those a credential is replaced by ASCII, after which the rest could not
  // be decoded.
  const decoded = await redactDecoded(shown, secrets);
  const raw = await inSlices(redacting(decoded.answer.body, secrets));
  const count = headers.redactions + contentType.redactions + decoded.redactions + raw.redactions;
  if (count === 0) return { answer: received, warnings: [] };
  return {
    answer: { ...decoded.answer, body: raw.body },
    warnings: [`the upstream repeated the gateway's credential; ${count} occurrences were redacted`],
  };
}

/** The same for what came of a stream that ended too early. */
export async function redactFailure(failure: UpstreamFailure, secrets: readonly Secret[]): Promise<UpstreamFailure> {
  const { partial } = failure;
  if (partial === undefined || secrets.length === 0) return failure;
  const { body } = await inSlices(redacting(partial.body, secrets));
  return failure.with({ contentType: redactText(partial.contentType, secrets).value, body });
}

/** UTF-16 has it beside each ASCII character. */
const NUL = 0x00;
/** ISO-2022-JP may have one anywhere, to no effect. */
const ESC = 0x1b;

async function redactDecoded(
  answer: UpstreamAnswer,
  secrets: readonly Secret[],
): Promise<{ readonly answer: UpstreamAnswer; readonly redactions: number }> {
  const unchanged = { answer, redactions: 0 };
  if (!answer.body.includes(NUL) && !answer.body.includes(ESC)) return unchanged;
  const read = readAnswer(answer);
  if (!('text' in read)) return unchanged;
  const { body, redactions } = await inSlices(redacting(Buffer.from(read.text, 'utf8'), secrets));
  if (redactions === 0) return unchanged;
  const contentType = `${essence(read.contentType)}; charset=utf-8`;
  return { answer: { ...answer, contentType, body }, redactions };
}
