/** An upstream may repeat the credential that it was sent. What leaves the call path has it taken out, and says so. */

import type { Credential } from '../credential/credential.js';
import { redactBytes, redactHeaders, redactText } from '../credential/redact.js';
import type { UpstreamAnswer } from '../upstream/send.js';

export function redactAnswer(
  received: UpstreamAnswer,
  credential: Credential | 'none-needed',
): { readonly answer: UpstreamAnswer; readonly warnings: readonly string[] } {
  if (credential === 'none-needed') return { answer: received, warnings: [] };
  const { body, redactions } = redactBytes(received.body, credential.secrets);
  const headers = redactHeaders(received.headers, credential.secrets);
  const contentType = redactText(received.contentType, credential.secrets);
  const count = redactions + headers.redactions + contentType.redactions;
  if (count === 0) return { answer: received, warnings: [] };
  return {
    answer: { ...received, headers: headers.value, contentType: contentType.value, body },
    warnings: [`the upstream repeated the gateway's credential; ${count} occurrences were redacted`],
  };
}
