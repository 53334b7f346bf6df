import type { Exchange } from './wire-tap.js';

/** An exchange with nothing in it but what a test is about: a request that was sent, and a 200 without a body. */
export function anExchange(
  differences: Partial<Omit<Exchange, 'answer' | 'body'>> & {
    readonly sent?: string;
    readonly answer?: Partial<Omit<Exchange['answer'], 'body'>> & { readonly body?: unknown };
  } = {},
): Exchange {
  const { sent = '', answer = {}, ...rest } = differences;
  const body = answer.body === undefined ? '' : JSON.stringify(answer.body);
  return {
    method: 'POST',
    target: '/things',
    headers: {},
    ...rest,
    body: Buffer.from(sent),
    answer: { status: 200, headers: {}, ...answer, body: Buffer.from(body) },
  };
}
