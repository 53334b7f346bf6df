/**
 * An upstream may repeat the credential that it was sent. What leaves the call path has it taken out, and says so. JSON
 * can spell any character as an escape (some servers do so with `+`, `=` or `&`), so that its texts are looked at too:
 * an answer that hides a credential that way is written anew, with the same values.
 */

import type { Credential } from '../credential/credential.js';
import { redactBytes, redactHeaders, redactText } from '../credential/redact.js';
import type { Secret } from '../credential/secret.js';
import { essence } from '../upstream/media-type.js';
import { readAnswer } from '../upstream/read-answer.js';
import type { UpstreamAnswer } from '../upstream/send.js';

export function redactAnswer(
  received: UpstreamAnswer,
  credential: Credential | 'none-needed',
): { readonly answer: UpstreamAnswer; readonly warnings: readonly string[] } {
  if (credential === 'none-needed') return { answer: received, warnings: [] };
  const { secrets } = credential;
  const headers = redactHeaders(received.headers, secrets);
  const contentType = redactText(received.contentType, secrets);
  const raw = redactBytes(received.body, secrets);
  const shown = { ...received, headers: headers.value, contentType: contentType.value, body: raw.body };
  const escaped = redactEscapes(shown, secrets);
  const count = headers.redactions + contentType.redactions + raw.redactions + escaped.redactions;
  if (count === 0) return { answer: received, warnings: [] };
  return {
    answer: escaped.answer,
    warnings: [`the upstream repeated the gateway's credential; ${count} occurrences were redacted`],
  };
}

const BACKSLASH = 0x5c;

function redactEscapes(
  answer: UpstreamAnswer,
  secrets: readonly Secret[],
): { readonly answer: UpstreamAnswer; readonly redactions: number } {
  const unchanged = { answer, redactions: 0 };
  if (!answer.body.includes(BACKSLASH)) return unchanged;
  const read = readAnswer(answer);
  if (read.kind !== 'json') return unchanged;
  const { body, redactions } = redactBytes(Buffer.from(JSON.stringify(read.value), 'utf8'), secrets);
  if (redactions === 0) return unchanged;
  return { answer: { ...answer, contentType: `${essence(read.contentType)}; charset=utf-8`, body }, redactions };
}
