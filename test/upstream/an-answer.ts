import type { UpstreamAnswer } from '../../runtime/upstream/send.js';

/** What an upstream has answered, at once, with 200 and in JSON unless it is said otherwise. */
export function anAnswer(body: string | Uint8Array, but: Partial<UpstreamAnswer> = {}): UpstreamAnswer {
  return {
    status: 200,
    headers: {},
    contentType: 'application/json',
    body: Buffer.from(body),
    ...but,
  };
}
